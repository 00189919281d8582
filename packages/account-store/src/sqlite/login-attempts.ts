import { hashSecret } from '../crypto/key-hash.ts'
import {
  LOGIN_MEMORY_MS,
  loginDelayMs,
  LONGEST_ADDRESS_DELAY_MS,
  LONGEST_NAME_DELAY_MS,
} from '../crypto/login-delay.ts'
import { readNumber } from '../rows/row.ts'
import type { StoreContext } from './context.ts'

/** Who tries to sign in. */
export interface LoginSource {
  readonly name: string
  readonly address: string
}

/** Counts of failed attempts, shared by all processes. */
export interface LoginAttempts {
  /** Counts an attempt as failed before it is looked at; when it came too early, it is not counted.
   * @returns milliseconds to wait, 0 when the attempt may be looked at */
  begin(source: LoginSource): number
  /** Takes the attempt back and clears the count of the name. */
  succeed(source: LoginSource): void
}

/** Subjects that are remembered at most; beyond that the oldest go. */
const MAX_SUBJECTS = 20_000

/**
 * Login attempts in the embedded store.
 *
 * @param key - fails without the session secret; names and addresses are kept as keyed hashes: people type passwords into the name field
 */
export function createLoginAttempts({ fast, now }: StoreContext, key: () => Buffer): LoginAttempts {
  const select = fast.prepare('SELECT failures, last_at FROM login_attempts WHERE subject = :subject')
  const put = fast.prepare(`
    INSERT INTO login_attempts (subject, failures, last_at) VALUES (:subject, 1, :now)
    ON CONFLICT (subject) DO UPDATE SET failures = failures + 1, last_at = :now`)
  const takeBack = fast.prepare('UPDATE login_attempts SET failures = max(0, failures - 1) WHERE subject = :subject')
  const forget = fast.prepare('DELETE FROM login_attempts WHERE subject = :subject')
  const forgetOld = fast.prepare(`
    DELETE FROM login_attempts WHERE last_at < :oldest OR last_at < (
      SELECT last_at FROM login_attempts ORDER BY last_at DESC LIMIT 1 OFFSET :max)`)

  function waitMs(subject: Buffer, longestMs: number): number {
    const row = select.get({ subject })
    if (row === undefined) return 0
    const sinceMs = now() - readNumber(row, 'last_at')
    // A failure from the future was counted before the clock was set back; waiting for it could take for ever.
    return sinceMs < 0 ? 0 : Math.max(0, loginDelayMs(readNumber(row, 'failures'), longestMs) - sinceMs)
  }

  function begin(source: LoginSource): number {
    const { name, address } = subjectsOf(key(), source)
    return fast.transaction(() => {
      forgetOld.run({ oldest: now() - LOGIN_MEMORY_MS, max: MAX_SUBJECTS })
      const wait = Math.max(waitMs(name, LONGEST_NAME_DELAY_MS), waitMs(address, LONGEST_ADDRESS_DELAY_MS))
      if (wait > 0) return wait
      put.run({ subject: name, now: now() })
      put.run({ subject: address, now: now() })
      return 0
    })
  }

  function succeed(source: LoginSource): void {
    const { name, address } = subjectsOf(key(), source)
    fast.transaction(() => {
      forget.run({ subject: name })
      takeBack.run({ subject: address })
    })
  }

  return { begin, succeed }
}

function subjectsOf(key: Buffer, { name, address }: LoginSource): { name: Buffer; address: Buffer } {
  return { name: hashSecret(key, `name:${name.toLowerCase()}`), address: hashSecret(key, `address:${address}`) }
}
