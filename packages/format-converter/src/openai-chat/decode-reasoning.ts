import type { ReasoningPart } from '../model/content-part.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import type { Seal } from '../model/seal.ts'
import { entriesOf } from '../wire/loose.ts'
import { pointer, take, type WireObject } from '../wire/read-object.ts'
import { unwrapSeal } from '../wire/seal-envelope.ts'
import { wordsOfSeals } from './proof-places.ts'
import { isReasoning, isSealedDetail, reasoningTextOf, saysOther, sealOfDetails } from './reasoning.ts'

/** Members of an assistant message that hold reasoning text. */
const TEXT_MEMBERS = ['reasoning_content', 'reasoning', 'thinking', 'thinking_blocks'] as const

/**
 * Earlier reasoning that a client sends back: text in one of several members, proofs in `reasoning_details`. Relay's own
 * envelopes give every block its proof again; entries that the vendor itself made stay together as one proof.
 */
export function decodeReasoning(message: WireObject): readonly ReasoningPart[] {
  const text = reasoningTextOf(message.value)
  for (const name of TEXT_MEMBERS) if (isTold(message.value[name], text)) take(message, name)
  const details = message.value['reasoning_details']
  const path = pointer(message.path, 'reasoning_details')
  const seals = sealsOf(entriesOf(details))
  if (seals.length > 0 || isTold(details, text)) take(message, 'reasoning_details')
  if (seals.length === 0) return text === '' ? [] : [unsealed(text, textPath(message))]

  const words = wordsOfSeals(seals, text) ?? wordsOfOne(seals, text)
  const parts = seals.map((seal, index) => sealed(seal, words?.[index] ?? '', path))
  // Where nobody can tell which words belong to which proof, the words stand on their own.
  return words === undefined && text !== '' ? [unsealed(text, textPath(message)), ...parts] : parts
}

/** A member that says it in other words, or in a way that cannot be read, is left to be reported. */
function isTold(value: JsonValue | undefined, text: string): boolean {
  return isReasoning(value) && !saysOther(value, text)
}

/** Redacted reasoning has no words, so the one other proof has all of them. */
function wordsOfOne(seals: readonly Seal[], text: string): readonly string[] | undefined {
  const readable = seals.filter((seal) => !isRedacted(seal))
  return readable.length === 1 ? seals.map((seal) => (isRedacted(seal) ? '' : text)) : undefined
}

function sealsOf(details: readonly JsonValue[]): readonly Seal[] {
  const seals: Seal[] = []
  const native: JsonValue[] = []
  for (const entry of details) {
    const data = isJsonObject(entry) ? entry['data'] : undefined
    const envelope = typeof data === 'string' ? unwrapSeal(data) : undefined
    if (envelope === undefined) native.push(entry)
    else seals.push(envelope)
  }
  if (native.some(isSealedDetail)) seals.push(sealOfDetails(native))
  return seals
}

function isRedacted(seal: Seal): boolean {
  return seal.kind === 'anthropic-redacted'
}

function sealed(seal: Seal, text: string, path: string): ReasoningPart {
  const { itemId } = seal
  return {
    type: 'reasoning',
    text,
    kind: 'full',
    seal,
    path,
    ...(isRedacted(seal) && { isRedacted: true }),
    ...(itemId !== undefined && { itemId }),
  }
}

function unsealed(text: string, path: string): ReasoningPart {
  return { type: 'reasoning', text, kind: 'full', path }
}

function textPath(message: WireObject): string {
  const name = TEXT_MEMBERS.find((member) => Object.hasOwn(message.value, member)) ?? 'reasoning_details'
  return pointer(message.path, name)
}
