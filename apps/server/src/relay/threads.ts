import { ServerError } from '../server-error.ts'
import type { Envelope } from './envelope.ts'

/** Threads live 5 minutes at the vendor after their last use; ours are remembered a little longer. */
const TTL_MS = 10 * 60_000
const MAX_THREADS = 10_000

/** Which account holds which message thread. */
export interface ThreadMemory {
  remember(messageId: string, accountId: string): void
  accountOf(messageId: string): string | undefined
}

/** Remembers threads in this process: they are best effort at the vendor too, and clients replay a lost one. */
export function createThreadMemory(): ThreadMemory {
  const threads = new Map<string, { readonly accountId: string; readonly until: number }>()
  return {
    remember: (messageId, accountId) => {
      threads.delete(messageId)
      threads.set(messageId, { accountId, until: Date.now() + TTL_MS })
      const oldest = threads.keys().next().value
      if (threads.size > MAX_THREADS && oldest !== undefined) threads.delete(oldest)
    },
    accountOf: (messageId) => {
      const thread = threads.get(messageId)
      return thread === undefined || thread.until < Date.now() ? undefined : thread.accountId
    },
  }
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
export function readThread(threads: ThreadMemory, envelope: Envelope): ThreadWish {
  const thread = envelope.member('thread')
  if (typeof thread !== 'object' || thread === null || !('type' in thread)) return { type: 'none' }
  if (thread.type !== 'continue') return { type: 'create' }
  const previous = 'previous_message_id' in thread ? thread.previous_message_id : undefined
  const accountId = typeof previous === 'string' ? threads.accountOf(previous) : undefined
  if (accountId === undefined) throw threadNotFound()
  return { type: 'continue', accountId }
}

/** The fatal form that makes the SDK start the thread anew. */
export function threadNotFound(): ServerError {
  return new ServerError('not_found', 'this message thread is not known here any more; send the whole conversation', {
    details: { error_code: 'thread_not_found' },
  })
}
