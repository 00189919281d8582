import { streamSSE } from 'hono/streaming'

import { createLiveFeed } from './live-feed.ts'
import type { AdminRouter } from './router.ts'

/** Longer than this no stream lasts: whoever has lost the right to listen loses the stream, too. */
const MAX_STREAM_MS = 15 * 60_000

/** `GET /live`: server-sent events with what happens now. */
export function addLiveRoutes({ rooms, add }: AdminRouter): void {
  const feed = createLiveFeed(rooms.store, (error) => rooms.log.warn({ error }, 'the live numbers could not be read'))
  add(
    {
      method: 'GET',
      path: '/live',
      summary:
        'Server-sent events: what happens now, as an event `now` every two seconds. Ends after fifteen minutes; connect again.',
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
        stream.onAbort(resolve)
        await promise
        clearTimeout(end)
        stop()
      }),
  )
}
