import { createHash } from 'node:crypto'

import { hashSecret } from './key-hash.ts'

/** The hash by which another system knows a key: SHA-256 over key and suffix, in hexadecimal digits. */
export function foreignHashOf(secret: string, suffix: string): string {
  return createHash('sha256')
    .update(secret + suffix)
    .digest('hex')
}

/**
 * The digest under which the hash of another system is kept. Its key is not the pepper itself: who knows the hash must not be able
 * to show it as if it were a key.
 */
export function foreignDigest(pepper: Buffer, hash: string): Buffer {
  return hashSecret(hashSecret(pepper, 'keys of another system'), hash)
}
