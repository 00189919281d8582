import { sseReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, onEveryWay, readStream, STORY, STORY_TOKENS, WAYS, type Way } from './dialects.ts'
import { accountFor, attemptsOf, openStage, type Dialect } from './harness.ts'

/** Bytes of a canned answer before its first content, and up to its second piece. */
function split(upstream: Dialect): { readonly start: string; readonly begun: string; readonly rest: string } {
  const { sse } = canned(upstream)
  const first = sse.lastIndexOf('\n\n', sse.indexOf('Es war einma')) + 2
  const second = sse.lastIndexOf('\n\n', sse.indexOf('l ein Relais')) + 2
  return { start: sse.slice(0, first), begun: sse.slice(0, second), rest: sse.slice(second) }
}

const KEEP_ALIVES: Readonly<Record<Dialect, RegExp>> = {
  claude: /event: ping\ndata: \{"type": ?"ping"\}\n\n/g,
  chat: /^: .*\n\n/gm,
  responses: /^: .*\n\n|^event: (?:keepalive|response\.in_progress)\n/gm,
}

/** How an upstream says that it is still there. */
const SIGNS_OF_LIFE: Readonly<Record<Dialect, (index: number) => string>> = {
  claude: () => 'event: ping\ndata: {"type":"ping"}\n\n',
  chat: () => ': still there\n\n',
  responses: (index) => `event: keepalive\ndata: {"type":"keepalive","sequence_number":${index + 3}}\n\n`,
}

/** Keep-alives in a stream; the one `response.in_progress` of every beginning is none. */
function countKeepAlives(client: Dialect, text: string): number {
  const ordinary = /response\.created[^]*response\.in_progress/.test(text) ? 1 : 0
  return (text.match(KEEP_ALIVES[client])?.length ?? 0) - (client === 'responses' ? ordinary : 0)
}

/** Codex does not count comments: they may stand only where there is nothing else. */
function commentsAfterBeginning(text: string): readonly string[] {
  const begun = text.indexOf('event: response.created')
  return begun === -1 ? [] : (text.slice(begun).match(/^:.*/gm) ?? [])
}

describe.concurrent('while the upstream thinks', () => {
  test.for(WAYS)(
    '$client > $upstream: the client hears something, and the answer stays whole',
    async (way, context) => {
      const stage = openStage(context)
      const { begun, rest } = split(way.upstream)
      const upstream = await stage.upstream(sseReply([begun, rest], { pieceDelayMs: 3_000 }))
      const accounts = [accountFor(upstream, way.upstream)]
      const relay = await stage.relay({ accounts, rhythm: { keepAliveMs: 300 } })

      const text = await (await ask(relay, way.client)).text()

      expect(countKeepAlives(way.client, text)).toBeGreaterThanOrEqual(2)
      expect(commentsAfterBeginning(text)).toEqual([])
      expect(readStream(way.client, text)).toEqual({ text: STORY, isComplete: true, error: undefined })
      expect(await relay.records(1)).toMatchObject([{ reason: 'completed', tokens: STORY_TOKENS }])
    },
  )

  test.for(WAYS)('$client > $upstream: keep-alives stand between events, never inside one', async (way, context) => {
    const stage = openStage(context)
    const { sse } = canned(way.upstream)
    const middle = sse.indexOf('l ein Relais')
    const upstream = await stage.upstream(sseReply([sse.slice(0, middle), sse.slice(middle)], { pieceDelayMs: 1_200 }))
    const accounts = [accountFor(upstream, way.upstream)]
    const relay = await stage.relay({ accounts, rhythm: { keepAliveMs: 300 } })

    const text = await (await ask(relay, way.client)).text()

    expect(countKeepAlives(way.client, text)).toBeGreaterThanOrEqual(1)
    expect(readStream(way.client, text)).toMatchObject({ text: STORY, isComplete: true })
  })

  const slowStarts = [
    { what: 'only headers', reply: (way: Way) => sseReply(canned(way.upstream).sse, { firstByteDelayMs: 1_500 }) },
    {
      what: 'the start',
      reply: ({ upstream }: Way) => {
        const { start } = split(upstream)
        return sseReply([start, canned(upstream).sse.slice(start.length)], { pieceDelayMs: 1_500 })
      },
    },
  ]
  test.for(onEveryWay(slowStarts))('$client > $upstream: after $what the gate opens in time', async (each, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(each.reply(each))
    const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream)], rhythm: { gateMs: 200 } })

    const text = await (await ask(relay, each.client)).text()

    expect(countKeepAlives(each.client, text.slice(0, text.indexOf('Es war')))).toBeGreaterThanOrEqual(1)
    expect(commentsAfterBeginning(text)).toEqual([])
    expect(readStream(each.client, text)).toEqual({ text: STORY, isComplete: true, error: undefined })
  })

  test.for(WAYS)('$client > $upstream: signs of life are no beginning of an answer', async (way, context) => {
    const stage = openStage(context)
    const pings = Array.from({ length: 100 }, (_, index) => SIGNS_OF_LIFE[way.upstream](index))
    const upstream = await stage.upstream(sseReply([split(way.upstream).start, ...pings], { pieceDelayMs: 100 }))
    const account = accountFor(upstream, way.upstream, { timeouts: { firstEventMs: 1_000 } })
    const relay = await stage.relay({ accounts: [account], rhythm: { gateMs: 100 } })

    const answer = readStream(way.client, await (await ask(relay, way.client)).text())

    expect(answer).toMatchObject({
      text: '',
      isComplete: false,
      error: { message: expect.stringContaining('in time') },
    })
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ reason: 'upstream_timeout', status: 200, firstTokenMs: undefined })
    expect(record?.usageSource).not.toBe('estimated') // nothing was said
  })

  test.for(['silence', 'the connection is closed'] as const)(
    'a Responses client is told of a beginning and an end even when none came: %s',
    async (fault, context) => {
      const stage = openStage(context)
      const ending = fault === 'silence' ? { stallAfterBytes: 0 } : { firstByteDelayMs: 1_200, cutAfterBytes: 0 }
      const upstream = await stage.upstream(sseReply(': x', ending))
      const account = accountFor(upstream, 'responses', { timeouts: { idleMs: 1_500 } })
      const relay = await stage.relay({ accounts: [account], rhythm: { gateMs: 200 } })

      const text = await (await ask(relay, 'responses')).text()

      expect(text.match(/^event: .*/gm)).toEqual(['event: response.created', 'event: response.failed'])
      expect(readStream('responses', text)).toMatchObject({ isComplete: false, error: { type: 'server_error' } })
    },
  )

  test.for(WAYS)('$client > $upstream: an error behind the open gate is an error event', async (way, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(
      sseReply([split(way.upstream).start, 'data: {"oops'], { pieceDelayMs: 1_200 }),
    )
    const other = accountFor(await stage.upstream(canned(way.upstream).script), way.upstream, {
      name: 'b',
      priority: 90,
    })
    const accounts = [accountFor(upstream, way.upstream), other]
    const relay = await stage.relay({ accounts, rhythm: { gateMs: 200 } })

    const response = await ask(relay, way.client)
    const answer = readStream(way.client, await response.text())

    expect(response.status).toBe(200)
    expect(answer).toMatchObject({ text: '', isComplete: false, error: expect.anything() })
    expect(attemptsOf((await relay.records(1))[0])).toHaveLength(1)
  })
})
