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
}

describe.concurrent('while the upstream thinks', () => {
  test.for(WAYS)(
    '$client > $upstream: the client hears something, and the answer stays whole',
    async (way, context) => {
      const stage = openStage(context)
      const { begun, rest } = split(way.upstream)
      const upstream = await stage.upstream(sseReply([begun, rest], { pieceDelayMs: 1_500 }))
      const accounts = [accountFor(upstream, way.upstream)]
      const relay = await stage.relay({ accounts, rhythm: { keepAliveMs: 300 } })

      const text = await (await ask(relay, way.client)).text()

      expect(text.match(KEEP_ALIVES[way.client])?.length).toBeGreaterThanOrEqual(2)
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

    expect(text.match(KEEP_ALIVES[way.client])?.length).toBeGreaterThanOrEqual(1)
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

    const signOfLife = text.search(KEEP_ALIVES[each.client])
    expect(signOfLife).toBeGreaterThanOrEqual(0)
    expect(signOfLife).toBeLessThan(text.indexOf('Es war'))
    expect(readStream(each.client, text)).toEqual({ text: STORY, isComplete: true, error: undefined })
  })

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
