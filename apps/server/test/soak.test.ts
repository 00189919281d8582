import { sseReply } from '@relay/upstreams/testing'
import { expect, test } from 'vitest'

import { ask, canned, readStream, STORY, WAYS } from './dialects.ts'
import { accountFor, endOf, eventually, openStage, type Dialect } from './harness.ts'

const ROUNDS = 17
/** Streams at once: two on every way, one of which is abandoned. */
const PER_ROUND = WAYS.length * 2

/** An answer that stops behind its second piece of content, and is never complete. */
function stalled(dialect: Dialect): ReturnType<typeof sseReply> {
  const { sse } = canned(dialect)
  const begun = sse.slice(0, sse.indexOf('\n\n', sse.indexOf('l ein Relais')) + 2)
  return sseReply(sse, { stallAfterBytes: Buffer.byteLength(begun) })
}

test(
  'three hundred streams on all ways, half of them abandoned, leave nothing behind',
  { timeout: 60_000 },
  async (context) => {
    const stage = openStage(context)
    const upstreams = await Promise.all(
      WAYS.map(({ upstream: dialect }) =>
        stage.upstream(({ json }) =>
          JSON.stringify(json).includes('ABANDONED') ? stalled(dialect) : sseReply(canned(dialect).sse),
        ),
      ),
    )
    // A model for each way, so that each request goes to its own upstream.
    const accounts = WAYS.map(({ upstream: dialect }, index) => {
      const upstream = upstreams[index]
      if (upstream === undefined) throw new Error('every way has an upstream')
      return accountFor(upstream, dialect, { name: `way ${index}`, models: { [`way-${index}`]: 'm' } })
    })
    const relay = await stage.relay({ accounts })

    async function complete(client: Dialect, model: string): Promise<void> {
      const response = await ask(relay, client, { body: { model } })
      expect(readStream(client, await response.text())).toMatchObject({ text: STORY, isComplete: true })
    }

    async function abandon(client: Dialect, model: string): Promise<void> {
      const leaving = new AbortController()
      const response = await ask(relay, client, { prompt: 'ABANDONED', body: { model }, signal: leaving.signal })
      await response.body?.getReader().read()
      leaving.abort()
    }

    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(
        WAYS.flatMap(({ client }, index) => [complete(client, `way-${index}`), abandon(client, `way-${index}`)]),
      )
    }

    const records = await relay.records(ROUNDS * PER_ROUND)
    const reasons = records.map(({ reason }) => reason)
    expect(reasons.filter((reason) => reason === 'completed')).toHaveLength(records.length / 2)
    expect(reasons.filter((reason) => reason === 'client_closed')).toHaveLength(records.length / 2)
    await relay.idle()
    await Promise.all(upstreams.flatMap(({ requests }) => requests.map(endOf)))
    // What is left are connections that can be used again: those of abandoned answers are closed.
    await eventually('connections of abandoned answers are open', () =>
      upstreams.every(({ openConnections }) => openConnections <= 2),
    )
    await relay.stop(0)
    await eventually('upstream connections outlive the relay', () =>
      upstreams.every(({ openConnections }) => openConnections === 0),
    )
  },
)
