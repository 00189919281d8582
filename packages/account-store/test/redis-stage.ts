import type { RedisAddress, RedisConnection } from '../src/index.ts'
import type { RedisServer } from '../src/testing/index.ts'
import { hasRedisServer } from '../src/testing/index.ts'

/** Secrets of the stores in tests. */
export const SECRETS: { readonly encryptionKey: string; readonly sessionSecret: string } = {
  encryptionKey: 'e'.repeat(32),
  sessionSecret: 's'.repeat(32),
}

/** For stores whose behaviour is tested, not their speed: the machine may be busy with everything else, or stand still. */
export const PATIENT = { commandTimeoutMs: 15_000 }

/** Whether tests that need Redis have to be skipped; where the tests must be complete, they fail instead. */
export function needsRedis(): boolean {
  return process.env['CI'] !== 'true' && !hasRedisServer()
}

/** Where a server is. */
export function addressOf({ port }: RedisServer): RedisAddress {
  return { host: '127.0.0.1', port }
}

/** How a store reaches one server. */
export function standalone(server: RedisServer): RedisConnection {
  return { kind: 'standalone', address: addressOf(server), db: 0 }
}
