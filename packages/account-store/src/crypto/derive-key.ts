import { hkdfSync } from 'node:crypto'

import { StoreError } from '../store-error.ts'

/** Shorter secrets are refused (reliability 11.1). */
const MIN_SECRET_CHARACTERS = 32

/**
 * Derives a key from an operator's secret by HKDF-SHA256.
 *
 * @param purpose - separates the keys that come from one secret
 * @returns the number of bytes asked for
 */
export function deriveKey(secret: string, purpose: string, bytes = 32): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `relay/${purpose}/v1`, bytes))
}

/**
 * Refuses a secret that is too short to derive keys from.
 *
 * @param name - what the operator calls it, for the message
 * @throws StoreError `weak-secret`
 */
export function requireStrongSecret(name: string, secret: string): void {
  if (secret.length >= MIN_SECRET_CHARACTERS) return
  throw new StoreError(
    'weak-secret',
    `${name} has ${secret.length} characters, at least ${MIN_SECRET_CHARACTERS} are needed; make one with: openssl rand -base64 48`,
  )
}
