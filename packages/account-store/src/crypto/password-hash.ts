import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const argon2Async = promisify(argon2)

/** Memory in KiB, passes and lanes of argon2id (19 MiB, t=2, p=1: OWASP's first choice). */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const
const SALT_BYTES = 16
const TAG_BYTES = 32
const HASH_SHAPE = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([\w-]{16,64})\$([\w-]{22,128})$/

/** Hashes a password with argon2id and a salt of its own; the cost is written into the hash. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const tag = await argon2Async('argon2id', { ...COST, message: password, nonce: salt, tagLength: TAG_BYTES })
  const cost = `m=${COST.memory},t=${COST.passes},p=${COST.parallelism}`
  return ['', 'argon2id', 'v=19', cost, salt.toString('base64url'), tag.toString('base64url')].join('$')
}

/**
 * Tells whether a password is the one that was hashed.
 *
 * @param hash - from `hashPassword`; `undefined` for a user who does not exist takes the same time and is never right
 */
export async function isPassword(hash: string | undefined, password: string): Promise<boolean> {
  const { cost, salt, tag } = parseHash(hash ?? '') ?? UNKNOWN_USER
  const actual = await argon2Async('argon2id', { ...cost, message: password, nonce: salt, tagLength: tag.length })
  return timingSafeEqual(actual, tag)
}

interface PasswordHash {
  readonly cost: { readonly memory: number; readonly passes: number; readonly parallelism: number }
  readonly salt: Buffer
  readonly tag: Buffer
}

/** Random bits that no password hashes to. */
const UNKNOWN_USER: PasswordHash = { cost: COST, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) }

function parseHash(hash: string): PasswordHash | undefined {
  const [, memory, passes, parallelism, salt, tag] = HASH_SHAPE.exec(hash) ?? []
  if (salt === undefined || tag === undefined) return undefined
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64url'),
    tag: Buffer.from(tag, 'base64url'),
  }
}
