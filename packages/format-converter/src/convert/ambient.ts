/**
 * The only place that touches the world around the converter: defaults for callers who inject neither clock nor ids.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** 24 random letters and digits. Unique, not secret. */
export function randomId(): string {
  let id = ''
  for (const byte of crypto.getRandomValues(new Uint8Array(24))) id += ALPHABET[byte % ALPHABET.length]
  return id
}

/** Unix time in milliseconds. */
export function currentTimeMs(): number {
  return Date.now()
}
