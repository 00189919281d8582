import type { Loss } from '@relay/format-converter'

import { escapePointer, membersOf } from './json-lines.ts'
import type { LineMark } from './json-lines.ts'

/** Words for marks. */
export interface MarkWords {
  readonly added: string
  readonly moved: (from: string) => string
}

/** Marks by JSON Pointer. */
export type Marks = ReadonlyMap<string, LineMark>

const LEVELS: readonly Loss['level'][] = ['info', 'repaired', 'degraded', 'lossy']

/** Shorter texts are found in others by chance. */
const MIN_PART = 12

/** Marks in the client's request what was lost, with the worst loss of each place. */
export function markLosses(losses: readonly Pick<Loss, 'level' | 'path' | 'code' | 'message'>[]): Marks {
  const marks = new Map<string, LineMark>()
  for (const { level, path, code, message } of losses) {
    const known = marks.get(path)
    const isWorse = known === undefined || LEVELS.indexOf(level) > LEVELS.findIndex((each) => each === known.tone)
    if (isWorse) marks.set(path, { tone: level, title: `${level} · ${code}: ${message}` })
  }
  return marks
}

/**
 * Marks in the upstream's request what is not where the client had it: values that stand somewhere else there, and
 * values that the client did not send at all.
 */
export function markChanges(client: unknown, upstream: unknown, words: MarkWords): Marks {
  const before = leavesOf(client)
  const places = new Map<string, string>()
  for (const [pointer, value] of before) {
    const key = identityOf(pointer, value)
    if (!places.has(key)) places.set(key, pointer)
  }
  const marks = new Map<string, LineMark>()
  for (const [pointer, value] of leavesOf(upstream)) {
    if (before.has(pointer) && before.get(pointer) === value) continue
    const from = places.get(identityOf(pointer, value)) ?? placeOfPart(before, value)
    marks.set(
      pointer,
      from === undefined ? { tone: 'added', title: words.added } : { tone: 'moved', title: words.moved(from) },
    )
  }
  return marks
}

/** Words of people are the same wherever they stand; a number or a flag only under the same name. */
function identityOf(pointer: string, value: unknown): string {
  if (typeof value === 'string' && value.length > 1) return `text ${value}`
  return `${pointer.slice(pointer.lastIndexOf('/') + 1)} ${typeof value} ${String(value)}`
}

/** A picture stands in a data URL, a text among others: the client's value is a part of the upstream's. */
function placeOfPart(before: ReadonlyMap<string, unknown>, value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length <= MIN_PART) return undefined
  for (const [pointer, part] of before) {
    if (typeof part === 'string' && part.length >= MIN_PART && value.includes(part)) return pointer
  }
  return undefined
}

function leavesOf(value: unknown): ReadonlyMap<string, unknown> {
  const leaves = new Map<string, unknown>()
  collect(leaves, value, '')
  return leaves
}

function collect(leaves: Map<string, unknown>, value: unknown, pointer: string): void {
  const members = membersOf(value)
  if (members === undefined || members.length === 0) {
    leaves.set(pointer, members === undefined ? value : JSON.stringify(value))
    return
  }
  for (const [key, member] of members) collect(leaves, member, `${pointer}/${escapePointer(key)}`)
}
