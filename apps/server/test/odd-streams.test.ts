import { gzipSync } from 'node:zlib'

import type { AccountInput } from '@relay/account-store'
import { sseReply, withCrlf } from '@relay/upstreams/testing'
import type { FakeReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, onBothPaths, onEveryWay, readStream, readWhole, STORY, STORY_TOKENS } from './dialects.ts'
import { accountFor, endOf, openStage, type Dialect } from './harness.ts'

interface OddStream {
  readonly oddity: string
  readonly reply: (sse: string, upstream: Dialect) => FakeReply
  /** On the byte-exact path the client gets something else than what was sent. */
  readonly isRewritten?: boolean
  readonly timeouts?: AccountInput['timeouts']
}

const LATE_EVENT = 'data: {"choices":[{"index":0,"delta":{"content":"LATE"}}]}\n\n'

/** Only the finish of Chat counts as complete without the end. */
function cutBeforeDone(sse: string, upstream: Dialect, how: 'cut' | 'silence'): FakeReply {
  if (upstream !== 'chat') return sseReply(sse)
  const at = Buffer.byteLength(sse.slice(0, sse.indexOf('data: [DONE]')))
  return sseReply(sse, how === 'cut' ? { cutAfterBytes: at } : { stallAfterBytes: at })
}

const oddStreams: readonly OddStream[] = [
  { oddity: 'CRLF line ends', reply: (sse) => sseReply(withCrlf(sse)) },
  { oddity: 'CR line ends', reply: (sse) => sseReply(sse.replaceAll('\n', '\r')) },
  { oddity: 'no space after the colon', reply: (sse) => sseReply(sse.replaceAll(/^(data|event): /gm, '$1:')) },
  { oddity: 'comments', reply: (sse) => sseReply(`: hello\n\n${sse.replaceAll('\n\n', '\n: a comment\n\n')}`) },
  { oddity: 'id and retry fields', reply: (sse) => sseReply(sse.replaceAll('data: ', 'id: 7\nretry: 10\ndata: ')) },
  { oddity: 'a byte order mark', reply: (sse) => sseReply(`\uFEFF${sse}`) },
  { oddity: 'one byte a packet', reply: (sse) => sseReply(sse, { pieceBytes: 1 }) },
  { oddity: 'packets that begin in the middle of events', reply: (sse) => sseReply(sse.split(/(?<=\n\n.{10})/)) },
  {
    oddity: 'gzip',
    reply: (sse) => sseReply(gzipSync(sse), { headers: { 'content-encoding': 'gzip' } }),
    isRewritten: true,
  },
  { oddity: 'no content type', reply: (sse) => sseReply(sse, { headers: { 'content-type': 'text/plain' } }) },
  {
    oddity: 'unknown events',
    reply: (sse) => sseReply(sse.replace('\n\n', '\n\nevent: weather\ndata: {"type":"weather","sky":"blue"}\n\n')),
  },
  { oddity: 'events after the end', reply: (sse) => sseReply(`${sse}${LATE_EVENT}`), isRewritten: true },
  {
    oddity: 'a connection that stays open after the end',
    reply: (sse) => sseReply(`${sse}: more\n\n`, { stallAfterBytes: Buffer.byteLength(sse) }),
    isRewritten: true,
  },
  {
    oddity: 'CR line ends and a connection that stays open after the end',
    reply: (sse) => sseReply(`${sse.replaceAll('\n', '\r')}: more`, { stallAfterBytes: Buffer.byteLength(sse) }),
    isRewritten: true,
  },
  {
    oddity: 'no end after the finish',
    reply: (sse, upstream) => sseReply(upstream === 'chat' ? sse.replace('data: [DONE]\n\n', '') : sse),
    isRewritten: true,
  },
  {
    oddity: 'a connection that is cut after the finish, in place of the end',
    reply: (sse, upstream) => cutBeforeDone(sse, upstream, 'cut'),
    isRewritten: true,
  },
  {
    oddity: 'silence after the finish, in place of the end',
    reply: (sse, upstream) => cutBeforeDone(sse, upstream, 'silence'),
    isRewritten: true,
    timeouts: { idleMs: 500 },
  },
  {
    oddity: 'no blank line at the end',
    reply: (sse) => sseReply(sse.slice(0, -1)),
    isRewritten: true,
  },
]

describe.concurrent('a stream that is odd but whole', () => {
  test.for(onBothPaths(oddStreams))('$client > $upstream: $oddity', async (odd, context) => {
    const stage = openStage(context)
    const { client, upstream: dialect } = odd
    const { sse } = canned(dialect)
    const reply = odd.reply(sse, dialect)
    const upstream = await stage.upstream(reply)
    const account = accountFor(upstream, dialect, { timeouts: odd.timeouts })
    const relay = await stage.relay({ accounts: [account], rhythm: { lingerMs: 100 } })

    const response = await ask(relay, client)
    const bytes = Buffer.from(await response.arrayBuffer())

    expect(response.status).toBe(200)
    expect(readStream(client, bytes.toString())).toEqual({ text: STORY, isComplete: true, error: undefined })
    expect(await relay.records(1)).toMatchObject([
      { status: 200, reason: 'completed', usageSource: 'reported', tokens: STORY_TOKENS },
    ])
    await endOf(await upstream.waitForRequest(1))
    await relay.idle()
  })

  const exact = onBothPaths(oddStreams.filter(({ isRewritten }) => isRewritten !== true))
  test.for(exact.filter(({ client, upstream }) => client === upstream))(
    '$client > $upstream: $oddity: the client gets the bytes that were sent',
    async (odd, context) => {
      const stage = openStage(context)
      const { client, upstream: dialect } = odd
      const reply = odd.reply(canned(dialect).sse, dialect)
      const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(reply), dialect)] })
      const received = Buffer.from(await (await ask(relay, client)).arrayBuffer())
      expect(received.toString()).toBe([reply.body].flat().join(''))
    },
  )
})

describe.concurrent('an answer in the other shape', () => {
  test.for(onEveryWay([{}]))('$client > $upstream: JSON behind a byte order mark is read', async (way, context) => {
    const stage = openStage(context)
    const body = `\u{feff}${JSON.stringify(canned(way.upstream).json)}`
    const upstream = await stage.upstream({ kind: 'reply', body, headers: { 'content-type': 'application/json' } })
    const relay = await stage.relay({ accounts: [accountFor(upstream, way.upstream)] })
    const response = await ask(relay, way.client, { isStream: false })
    expect(await readWhole(way.client, response)).toBe(STORY)
  })

  test.for(onEveryWay([{}]))('$client > $upstream: JSON on a stream request becomes a stream', async (way, context) => {
    const stage = openStage(context)
    const answer = canned(way.upstream)
    const upstream = await stage.upstream(answer.reply({ json: {} } as never))
    const relay = await stage.relay({ accounts: [accountFor(upstream, way.upstream)] })

    const response = await ask(relay, way.client)

    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(readStream(way.client, await response.text())).toMatchObject({ text: STORY, isComplete: true })
    expect(await relay.records(1)).toMatchObject([{ reason: 'completed', tokens: STORY_TOKENS }])
  })

  test.for(onEveryWay([{}]))('$client > $upstream: a stream on a whole request is collected', async (way, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(sseReply(canned(way.upstream).sse, { pieceBytes: 33 }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, way.upstream)] })

    const response = await ask(relay, way.client, { isStream: false })

    expect(response.status).toBe(200)
    expect(await readWhole(way.client, response)).toBe(STORY)
    expect(await relay.records(1)).toMatchObject([{ reason: 'completed', isStream: false, tokens: STORY_TOKENS }])
  })
})
