/** Filters under a name, kept in this browser. */
export interface SavedView {
  readonly name: string
  /** The query of the address, without its question mark and without an open request. */
  readonly query: string
}

/** More would be a list of its own. */
export const MAX_VIEWS = 20

/** What of an address makes a view. */
export function viewQuery({ search }: { readonly search: string }): string {
  const parameters = new URLSearchParams(search)
  parameters.delete('open')
  parameters.sort()
  return parameters.toString()
}

/** Views as they were written down; what is no view is left out, whoever wrote it. */
export function parseViews(text: string | undefined): readonly SavedView[] {
  let value: unknown
  try {
    value = JSON.parse(text ?? '[]')
  } catch {
    return []
  }
  return Array.isArray(value) ? value.filter(isView).slice(-MAX_VIEWS) : []
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('query' in value)) return false
  return typeof value.name === 'string' && value.name !== '' && typeof value.query === 'string'
}
