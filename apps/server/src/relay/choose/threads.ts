import { ServerError } from '../../server-error.ts'
import type { Envelope } from '../request/envelope.ts'
import { type AccountMemory, createAccountMemory, type MemoryRooms } from './account-memory.ts'

/** Threads live 5 minutes at the vendor after their last use; ours are remembered a little longer. */
const TTL_MS = 10 * 60_000

/** Which account holds which message thread: they are best effort at the vendor too, and clients replay a lost one. */
export function createThreadMemory(rooms: MemoryRooms): AccountMemory {
  return createAccountMemory(rooms, { kind: 'thread', ttlMs: TTL_MS })
}

/** What a request wants of message threads. */
export type ThreadWish =
  | { readonly type: 'none' }
  | { readonly type: 'create' }
  | { readonly type: 'continue'; readonly accountId: string }

/**
 * Reads the `thread` member of a Messages request.
 *
 * @throws ServerError `not_found` with `thread_not_found` when the thread is not at any account we know: the SDK then
 * replays the whole conversation
 * @remarks Source: Anthropic, message threads (beta message-threads-2026-08-12).
 */
export function readThread(threads: AccountMemory, envelope: Envelope): ThreadWish {
  const thread = envelope.member('thread')
  if (typeof thread !== 'object' || thread === null || !('type' in thread)) return { type: 'none' }
  if (thread.type !== 'continue') return { type: 'create' }
  const previous = previousMessageId(envelope)
  const accountId = previous === undefined ? undefined : threads.find(previous)?.accountId
  if (accountId === undefined) throw threadNotFound()
  return { type: 'continue', accountId }
}

/** The message that a thread goes on from, in a request that continues one. */
export function previousMessageId(envelope: Envelope): string | undefined {
  const thread = envelope.member('thread')
  if (typeof thread !== 'object' || thread === null || !('type' in thread) || thread.type !== 'continue')
    return undefined
  const previous = 'previous_message_id' in thread ? thread.previous_message_id : undefined
  return typeof previous === 'string' ? previous : undefined
}

/** The fatal form that makes the SDK start the thread anew. */
export function threadNotFound(): ServerError {
  return new ServerError('not_found', 'this message thread is not known here any more; send the whole conversation', {
    details: { error_code: 'thread_not_found' },
  })
}
