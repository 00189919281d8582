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

/** A moment as RFC 3339 writes it, in milliseconds since the epoch. */
export function readMoment(text: string): number | undefined {
  const moment = MOMENT.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(moment) ? undefined : moment
}

const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]{5,18}(?:Z|[+-]\d\d:\d\d)$/

/** In whole seconds, as vendors write it. */
export function writeMoment(ms: number): string {
  return `${new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`
}
