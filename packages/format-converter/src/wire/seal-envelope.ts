import type { FormatName } from '../model/format-name.ts'
import { isJsonObject } from '../model/json.ts'
import type { Seal, SealKind } from '../model/seal.ts'
import { decodeBase64Url, encodeBase64Url } from './base64url.ts'
import { parseJson } from './raw-json.ts'

/** No vendor's own value begins like this. */
const PREFIX = 'rly1.'
const ENVELOPE = /^rly1\.[\w-]+/

/** Letters that the envelope uses for kinds; part of the wire format, never to be reused. */
const LETTERS: { readonly [Kind in SealKind]: string } = {
  'openai-reasoning': 'r',
  'anthropic-signature': 't',
  'anthropic-redacted': 'x',
  'anthropic-compaction': 'c',
  'openai-compaction': 'p',
  'gemini-signature': 'g',
  'chat-detail': 'd',
}

const FORMATS: readonly FormatName[] = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini']

/** Packs a seal into printable ASCII, so that a client can store it in a field of its own format. */
export function wrapSeal(seal: Seal): string {
  const { value: v, itemId: id, format: of, issuer: iss, members: m } = seal
  const envelope = { k: LETTERS[seal.kind], v, id, of, iss, m }
  return PREFIX + encodeBase64Url(JSON.stringify(envelope))
}

/** Unpacks an envelope; `undefined` for everything that {@link wrapSeal} did not make. */
export function unwrapSeal(text: string): Seal | undefined {
  if (!text.startsWith(PREFIX)) return undefined
  const json = decodeBase64Url(text.slice(PREFIX.length))
  const envelope = json === undefined ? undefined : parseJson(json)
  if (!isJsonObject(envelope) || typeof envelope['v'] !== 'string') return undefined
  const kind = kindOf(envelope['k'])
  const format = FORMATS.find((name) => name === envelope['of'])
  if (kind === undefined || format === undefined) return undefined
  const members = envelope['m']
  return {
    kind,
    format,
    value: envelope['v'],
    issuer: optionalText(envelope['iss']),
    itemId: optionalText(envelope['id']),
    ...(isJsonObject(members) && { members }),
  }
}

/**
 * Whose proof an envelope holds: the issuer that the converter was given when it wrapped it. Conversations do best at the
 * account that proved their reasoning.
 *
 * @param text - begins with an envelope; what follows it does not matter
 * @returns `undefined` for text that is no envelope, and for an envelope that names no issuer
 */
export function readSealIssuer(text: string): string | undefined {
  const envelope = ENVELOPE.exec(text)?.[0]
  return envelope === undefined ? undefined : unwrapSeal(envelope)?.issuer
}

function kindOf(letter: unknown): SealKind | undefined {
  const kinds = Object.keys(LETTERS) as SealKind[] // the keys of a total table are its kinds
  return kinds.find((kind) => LETTERS[kind] === letter)
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
