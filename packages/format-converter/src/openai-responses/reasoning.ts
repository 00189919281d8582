import type { Seal } from '../model/seal.ts'
import { unwrapSeal, wrapSeal } from '../wire/seal-envelope.ts'

/** What a client gets as `encrypted_content`: OpenAI's own values as they are, all others in an envelope. */
export function sealForClient(seal: Seal, issuer: string | undefined): string {
  if (seal.format === 'openai-responses') return seal.value
  return wrapSeal({ ...seal, issuer: seal.issuer ?? issuer })
}

/** Reads the `encrypted_content` of an item that a client sends back: Relay's envelope or OpenAI's own value. */
export function decodeSeal(
  value: string | undefined,
  kind: Seal['kind'],
  itemId: string | undefined,
): Seal | undefined {
  if (value === undefined || value === '') return undefined
  return unwrapSeal(value) ?? nativeSeal(value, kind, itemId)
}

/** The proof as an upstream of this format gave it. */
export function nativeSeal(value: string, kind: Seal['kind'], itemId: string | undefined): Seal {
  return { kind, format: 'openai-responses', value, ...(itemId !== undefined && itemId !== '' && { itemId }) }
}
