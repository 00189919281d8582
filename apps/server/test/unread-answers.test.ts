import { setTimeout as wait } from 'node:timers/promises'

import { jsonReply } from '@relay/upstreams/testing'
import { describe, expect, test, type TestContext } from 'vitest'

import { canned, PATHS, STORY, type Way } from './dialects.ts'
import { accountFor, eventually, openStage, type RelaySetup, type TestRelay } from './harness.ts'
import { openRawClient, type RawClient, requestHead } from './raw-client.ts'

const MEGABYTE = 1024 * 1024
/** Far more than sockets hold on the way. */
const ANSWER_BYTES = 16 * MEGABYTE

interface Setup extends Partial<RelaySetup> {
  readonly bytes?: number
}

async function openRelay(
  context: TestContext,
  way: Way,
  { bytes = ANSWER_BYTES, ...setup }: Setup,
): Promise<TestRelay> {
  const stage = openStage(context)
  const { json } = canned(way.upstream)
  const long: unknown = JSON.parse(JSON.stringify(json).replaceAll(STORY, 'y'.repeat(bytes)))
  const upstream = await stage.upstream(jsonReply(long))
  return stage.relay({ accounts: [accountFor(upstream, way.upstream)], ...setup })
}

/** Asks for a whole answer, and reads nothing until told to. */
async function askWhole(relay: TestRelay, client: Way['client']): Promise<RawClient> {
  const words =
    client === 'responses' ? { input: 'All!' } : { max_tokens: 9, messages: [{ role: 'user', content: 'All!' }] }
  const body = JSON.stringify({ model: 'm', ...words })
  const raw = await openRawClient(relay.url)
  raw.socket.pause()
  raw.write(requestHead(`POST ${PATHS[client]}`, { 'x-api-key': relay.key, 'content-length': body.length }) + body)
  return raw
}

async function untilAnswered({ store }: TestRelay, count: number): Promise<void> {
  const isAnswered = async (): Promise<boolean> => (await store.sumUsage()).requests === count
  await eventually(`there are not ${count} records`, isAnswered, 20_000)
}

/** What is done to an answer does not depend on its way; a conversion makes another one of it. */
const ways: readonly Way[] = [
  { client: 'claude', upstream: 'claude' },
  { client: 'chat', upstream: 'responses' },
]

describe.concurrent('a whole answer that its client does not read', () => {
  test.for(ways)('$client > $upstream: is given up when its place is needed', async (way, context) => {
    const relay = await openRelay(context, way, { maxBufferedBytes: 1.5 * ANSWER_BYTES })
    const clients: RawClient[] = []
    for (let count = 0; count < 3; count += 1) {
      clients.push(await askWhole(relay, way.client))
      await untilAnswered(relay, count + 1)
    }
    await relay.idle()
    await wait(1_000) // a few beats
    const isWhole = ({ received }: RawClient): boolean => received().length > ANSWER_BYTES
    for (const { socket } of clients) socket.resume()
    const isOver = (client: RawClient): boolean => isWhole(client) || client.socket.closed
    await eventually('an answer is neither whole nor cut', () => clients.every(isOver), 20_000)
    expect(clients.map(isWhole)).toEqual([false, false, true]) // those that have waited longest go first
    for (const client of clients) client.leave()
  })

  const way = { client: 'chat', upstream: 'chat' } as const

  test('is given up after a while', async (context) => {
    const relay = await openRelay(context, way, { rhythm: { unreadMs: 1_000 } })
    const client = await askWhole(relay, 'chat')
    await untilAnswered(relay, 1)
    await wait(2_500)
    client.socket.resume()
    await client.closed
    expect(client.received().length).toBeLessThan(ANSWER_BYTES)
  })

  test('is waited for as long as some of it is read now and then', async (context) => {
    const bytes = 3 * ANSWER_BYTES
    const relay = await openRelay(context, way, { bytes, rhythm: { unreadMs: 5_000 } })
    const client = await askWhole(relay, 'chat')
    for (let until = 2 * MEGABYTE; until < bytes; until += 2 * MEGABYTE) {
      client.socket.resume()
      await eventually('nothing more is to be had', () => client.received().length > until, 30_000)
      client.socket.pause()
      await wait(400)
    }
    client.socket.resume()
    await eventually('the answer does not end', () => client.received().endsWith('}'), 20_000)
    expect(client.received().length).toBeGreaterThan(bytes)
    client.leave()
  })
})
