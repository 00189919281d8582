import { diffLines } from 'diff'

/** A line of two texts that are compared. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

/** Lines in a row that both texts have and that tell nothing. */
export interface DiffGap {
  readonly kind: 'gap'
  readonly count: number
}

/** Unchanged lines shown on either side of a change. */
const CONTEXT = 3
/** Longer texts are compared by their beginning: nobody reads more, and comparing costs. */
const MAX_CHARACTERS = 400_000

/** Compares two texts line by line; long unchanged parts become gaps. Empty when they are the same. */
export function compareLines(before: string, after: string): readonly (DiffLine | DiffGap)[] {
  if (before === after) return []
  const parts = diffLines(before.slice(0, MAX_CHARACTERS), after.slice(0, MAX_CHARACTERS))
  const lines = parts.flatMap(({ value, added, removed }) =>
    value
      .replace(/\n$/, '')
      .split('\n')
      .map((text): DiffLine => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text })),
  )
  return withGaps(lines)
}

function withGaps(lines: readonly DiffLine[]): readonly (DiffLine | DiffGap)[] {
  const isNear = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ kind }) => kind !== 'same'),
  )
  const shown: (DiffLine | DiffGap)[] = []
  lines.forEach((line, index) => {
    const last = shown.at(-1)
    if (isNear[index] === true) shown.push(line)
    else if (last?.kind === 'gap') shown[shown.length - 1] = { kind: 'gap', count: last.count + 1 }
    else shown.push({ kind: 'gap', count: 1 })
  })
  return shown
}
