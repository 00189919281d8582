/**
 * Tells whether an answer names another model than was asked for. Snapshots of the same model (`gpt-5` and
 * `gpt-5-2026-01-01`) and names with their maker in front (`openai/gpt-5`) are the same model.
 */
export function isOtherModel(asked: string, served: string | undefined): boolean {
  if (served === undefined || served === '') return false
  const [left, right] = [plainName(asked), plainName(served)]
  return !left.startsWith(right) && !right.startsWith(left)
}

function plainName(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1).toLowerCase()
  return last.replace(/-latest$|:[\w.-]+$|\[\w+\]$/, '').replaceAll(/[._@]/g, '-')
}
