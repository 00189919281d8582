import { streamSSE } from 'hono/streaming'

import type { AdminContext, AdminRooms } from './admin-rooms.ts'
import { findTokenCaller, readBearerToken } from './bearer-token.ts'
import { createLiveFeed } from './live-feed.ts'
import type { AdminRouter } from './router.ts'
import { readSessionToken } from './session-cookie.ts'

/** Longer than this no stream lasts. */
const MAX_STREAM_MS = 15 * 60_000
/** Whoever has lost the right to listen loses the stream within this time. */
const RIGHT_CHECK_MS = 3_000

/** `GET /live`: server-sent events with what happens now. */
export function addLiveRoutes({ rooms, add }: AdminRouter): void {
  const feed = createLiveFeed(rooms.store, (error) => rooms.log.warn({ error }, 'the live numbers could not be read'))
  add(
    {
      method: 'GET',
      path: '/live',
      summary:
        'Server-sent events: what happens now, as an event `now` every two seconds. Ends after fifteen minutes (connect again) and with the session.',
      role: 'auditor',
      scope: 'usage:read',
      produces: 'text/event-stream',
    },
    async ({ context }) =>
      streamSSE(context, async (stream) => {
        const { promise, resolve } = Promise.withResolvers<void>()
        const stop = feed.listen((numbers) => {
          stream.writeSSE({ event: 'now', data: JSON.stringify(numbers) }).catch(resolve)
        })
        const end = setTimeout(resolve, MAX_STREAM_MS)
        const check = setInterval(() => {
          // While the store is away nobody can be asked: the next time then.
          mayListen(rooms, context).then(
            (isAllowed) => isAllowed || resolve(),
            () => undefined,
          )
        }, RIGHT_CHECK_MS)
        stream.onAbort(resolve)
        await promise
        clearTimeout(end)
        clearInterval(check)
        stop()
      }),
  )
}

/** Whether what let the caller in still would: the session has not ended, the token has not been taken back. */
async function mayListen(rooms: AdminRooms, context: AdminContext): Promise<boolean> {
  const bearer = readBearerToken({ authorization: context.req.header('authorization') })
  if (bearer !== undefined) return (await findTokenCaller(rooms, bearer))?.token?.scopes.includes('usage:read') === true
  const token = readSessionToken(context)
  return token !== undefined && (await rooms.store.findSession(token)) !== undefined
}
