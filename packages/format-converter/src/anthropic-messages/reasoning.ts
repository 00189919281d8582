import type { Seal } from '../model/seal.ts'
import { unwrapSeal, wrapSeal } from '../wire/seal-envelope.ts'

/** What a client gets as signature or redacted data: Anthropic's own values as they are, all others in an envelope. */
export function sealForClient(seal: Seal, issuer: string | undefined): string {
  if (seal.format === 'anthropic-messages') return seal.value
  return wrapSeal({ ...seal, issuer: seal.issuer ?? issuer })
}

/** Reads a signature, redacted data or encrypted summary: Relay's envelope or the vendor's own value; empty is none. */
export function decodeSeal(value: string | undefined, nativeKind: Seal['kind']): Seal | undefined {
  if (value === undefined || value === '') return undefined
  return unwrapSeal(value) ?? { kind: nativeKind, format: 'anthropic-messages', value }
}

export function isRedactedSeal(seal: Seal | undefined): boolean {
  return seal?.kind === 'anthropic-redacted'
}
