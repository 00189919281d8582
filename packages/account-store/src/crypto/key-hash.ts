import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Marks a text as a relay key, for people and for secret scanners. */
const RELAY_KEY_PREFIX = 'rk-'

/** Marks a text as a token of the admin API. */
const API_TOKEN_PREFIX = 'rat-'

/** Bits of randomness in relay keys and session tokens, in bytes. */
const SECRET_BYTES = 32

/** 256 random bits in base64url. */
export function createToken(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

/** A new relay key: the prefix and 256 random bits. */
export function createRelayKeySecret(): string {
  return RELAY_KEY_PREFIX + createToken()
}

/** A new token of the admin API: the prefix and 256 random bits. */
export function createApiTokenSecret(): string {
  return API_TOKEN_PREFIX + createToken()
}

/**
 * The keyed hash under which a secret is stored and found.
 *
 * @param key - the pepper, or a key derived for this purpose
 */
export function hashSecret(key: Buffer, secret: string): Buffer {
  return createHmac('sha256', key).update(secret).digest()
}

/** Compares two digests in a time that does not depend on where they differ. */
export function isSameDigest(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}
