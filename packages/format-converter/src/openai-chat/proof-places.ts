import type { OpenPart } from '../model/answer-event.ts'
import type { ContentPart, ReasoningPart } from '../model/content-part.ts'
import type { Seal } from '../model/seal.ts'
import { optionalIndex } from '../wire/loose.ts'

/**
 * A Chat message has one place for all reasoning texts and one for all proofs. An envelope of a proof says which text was
 * its own, and what of the answer came before it, so that the next request has everything where it stood.
 */

/** Between the texts of two reasoning blocks. */
export const TEXT_SEPARATOR = '\n\n'

/** A block of an answer, as far as the places of proofs go. */
export interface SaidBlock {
  readonly part: OpenPart
  readonly seal?: Seal | undefined
  /** UTF-16 units of its text that the client sees. */
  readonly length: number
}

/** All that an answer says in blocks of such a kind is one text of its message. */
const JOINED: ReadonlySet<string> = new Set(['text', 'refusal'])

/** The part of the message that a block is, or is joined to; reasoning is none. */
function partOf(block: SaidBlock): SaidBlock | string | undefined {
  const { type } = block.part
  if (type === 'tool-call') return block
  return JOINED.has(type) && block.length > 0 ? type : undefined
}

/**
 * The proofs of an answer's reasoning, each with the place of what it led to; a single one in front of all else needs none.
 * Where that was joined to something earlier, all reasoning before it stands there, in its order. A summary of the
 * conversation has no place in Chat, and so its proof has none.
 */
export function placedSeals(said: readonly SaidBlock[]): readonly Seal[] {
  const blocks = said.filter(({ part }) => part.type !== 'compaction')
  const parts: readonly (SaidBlock | string | undefined)[] = [
    ...new Set(blocks.flatMap((block) => partOf(block) ?? [])),
  ]
  const seals: Seal[] = []
  let after = parts.length
  for (const block of blocks.toReversed()) {
    const { seal, length } = block
    const place = parts.indexOf(partOf(block))
    if (place !== -1) after = Math.min(after, place)
    if (seal !== undefined) seals.unshift({ ...seal, members: { ...seal.members, after, length } })
  }
  const isFirstAndAlone = seals.length === 1 && seals[0]?.members?.['after'] === 0
  return isFirstAndAlone ? blocks.flatMap(({ seal }) => seal ?? []) : seals
}

/**
 * The words that belong to each proof.
 *
 * @returns `undefined` where nobody can tell
 */
export function wordsOfSeals(seals: readonly Seal[], text: string): readonly string[] | undefined {
  const lengths = seals.map(({ members }) => optionalIndex(members?.['length']))
  const words: string[] = []
  let at = 0
  for (const length of lengths) {
    if (length === undefined) return undefined
    words.push(text.slice(at, at + length))
    at += length === 0 ? 0 : length + TEXT_SEPARATOR.length
  }
  const isAll = words.filter((word) => word !== '').join(TEXT_SEPARATOR) === text
  return isAll ? words : undefined
}

/** Reasoning between the other parts of its message, where it stood in the answer. */
export function placeReasoning(reasoning: readonly ReasoningPart[], others: readonly ContentPart[]): ContentPart[] {
  const placeOf = ({ seal }: ReasoningPart): number =>
    Math.min(optionalIndex(seal?.members?.['after']) ?? 0, others.length)
  const standingAt = (place: number): ReasoningPart[] => reasoning.filter((part) => placeOf(part) === place)
  return [...others.flatMap((part, place) => [...standingAt(place), part]), ...standingAt(others.length)]
}
