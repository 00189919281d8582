/** More wrong letters than this is another word, not a slip. */
const MAX_SLIPS = 3
const MAX_LETTERS = 64

/**
 * Finds the name somebody probably meant.
 *
 * @returns `undefined` when none is near
 */
export function closestName(written: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, slips: countSlips(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, slips }) => slips <= Math.min(MAX_SLIPS, Math.ceil(name.length / 3)))
  return ranked.toSorted((left, right) => left.slips - right.slips)[0]?.name
}

/** Letters to insert, remove or replace to get from one word to the other (Levenshtein's distance). */
function countSlips(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 0; row < Math.min(from.length, MAX_LETTERS); row += 1) {
    const current = [row + 1]
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (from[row] === to[column - 1] ? 0 : 1)
      const removed = (previous[column] ?? 0) + 1
      const inserted = (current[column - 1] ?? 0) + 1
      current.push(Math.min(replaced, removed, inserted))
    }
    previous = current
  }
  return previous[to.length] ?? to.length
}
