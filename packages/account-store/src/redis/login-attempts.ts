import { hashSecret } from '../crypto/key-hash.ts'
import {
  FIRST_LOGIN_DELAY_MS,
  FREE_LOGIN_FAILURES,
  LOGIN_MEMORY_MS,
  LONGEST_ADDRESS_DELAY_MS,
  LONGEST_NAME_DELAY_MS,
} from '../crypto/login-delay.ts'
import type { RedisContext } from './context.ts'
import { toNumber } from './reply.ts'
import { BEGIN_LOGIN, END_LOGIN } from './scripts/begin-login.ts'

/** Who tries to sign in. */
export interface LoginSource {
  readonly name: string
  readonly address: string
}

/** Counts of failed attempts, shared by all nodes. */
export interface LoginAttempts {
  /** Counts an attempt as failed before it is looked at; when it came too early, it is not counted.
   * @returns milliseconds to wait, 0 when the attempt may be looked at */
  begin(source: LoginSource): Promise<number>
  /** Takes the attempt back and clears the count of the name. */
  succeed(source: LoginSource): Promise<void>
}

/** Subjects that are remembered at most; beyond that the oldest go. */
const MAX_SUBJECTS = 20_000

/**
 * Login attempts in Redis.
 *
 * @param key - fails without the session secret; names and addresses are kept as keyed hashes: people type passwords into the name field
 */
export function createLoginAttempts({ link, keys, scriptClock }: RedisContext, key: () => Buffer): LoginAttempts {
  const places = [keys.loginTimes, keys.loginFailures]
  const subject = (text: string): string => hashSecret(key(), text).toString('base64')
  const nameOf = ({ name }: LoginSource): string => subject(`name:${name.toLowerCase()}`)
  const addressOf = ({ address }: LoginSource): string => subject(`address:${address}`)

  async function begin(source: LoginSource): Promise<number> {
    const args = [scriptClock(), LOGIN_MEMORY_MS, MAX_SUBJECTS, FREE_LOGIN_FAILURES, FIRST_LOGIN_DELAY_MS]
    const subjects = [nameOf(source), LONGEST_NAME_DELAY_MS, addressOf(source), LONGEST_ADDRESS_DELAY_MS]
    return toNumber(await link.run(BEGIN_LOGIN, { keys: places, args: [...args, ...subjects] }))
  }

  async function succeed(source: LoginSource): Promise<void> {
    await link.run(END_LOGIN, { keys: places, args: [nameOf(source), addressOf(source)] })
  }

  return { begin, succeed }
}
