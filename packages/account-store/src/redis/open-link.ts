import { setTimeout as wait } from 'node:timers/promises'

import { COMMAND_TIMEOUT_MS, createClient } from './connect.ts'
import type { RedisLink } from './link.ts'
import { createLink } from './link.ts'
import type { RedisConnection } from './redis-connection.ts'
import { describeConnection } from './redis-connection.ts'
import { createErrorTranslator } from './to-store-error.ts'

/** How long opening may take, with the client's own tries to connect, in longest waits for a command; whoever starts Relay tries again. */
const OPEN_TIMEOUTS = 3

/**
 * Connects, once.
 *
 * @throws StoreError; nothing is left open then
 */
export async function openLink(
  connection: RedisConnection,
  commandTimeoutMs: number = COMMAND_TIMEOUT_MS,
): Promise<RedisLink> {
  const client = await createClient(connection, commandTimeoutMs)
  const toStoreError = createErrorTranslator(describeConnection(connection), secretsOf(connection))
  // The client tells what exactly is wrong in an event, and only that it gave up in the failure of its promise.
  let trouble: unknown
  client.on('error', (error: unknown) => {
    trouble = error
  })
  const isLate = new AbortController()
  try {
    await Promise.race([client.connect(), refuseLater(OPEN_TIMEOUTS * commandTimeoutMs, isLate.signal)])
    return createLink({ client, toStoreError, commandTimeoutMs })
  } catch (error) {
    client.disconnect()
    throw toStoreError(trouble ?? error)
  } finally {
    isLate.abort()
  }
}

async function refuseLater(afterMs: number, signal: AbortSignal): Promise<never> {
  await wait(afterMs, undefined, { signal })
  throw new Error(`no connection within ${afterMs / 1000} s`)
}

function secretsOf(connection: RedisConnection): readonly string[] {
  const sentinelPassword = connection.kind === 'sentinel' ? connection.sentinelPassword : undefined
  return [connection.password, sentinelPassword].filter((secret) => secret !== undefined)
}
