import type { AccountInput, UsageReason } from '@relay/account-store'
import { sseReply } from '@relay/upstreams/testing'
import type { FakeAnswer } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, DIALECTS, onEveryWay, OVERLOADED_EVENTS, readStream, STORY, toldTo } from './dialects.ts'
import { accountFor, attemptsOf, endOf, openStage, type Dialect } from './harness.ts'

interface Fault {
  readonly fault: string
  /** @param begun - an answer up to its second piece of content */
  readonly answer: (begun: string, upstream: Dialect) => FakeAnswer
  readonly timeouts?: AccountInput['timeouts']
  readonly reason: UsageReason
  /** The error's type in the client's stream; in the Responses dialect its code. */
  readonly type: Readonly<Record<Dialect, string>>
}

const BROKEN = toldTo('api_error', 'server_error')
const TIMED_OUT = toldTo('timeout_error', 'server_error')

const BEHIND = 'event: more\ndata: {"type":"more"}\n\n'

const faults: readonly Fault[] = [
  {
    fault: 'the connection is cut',
    answer: (begun) => sseReply(`${begun}${BEHIND}`, { cutAfterBytes: Buffer.byteLength(begun) }),
    reason: 'upstream_error',
    type: BROKEN,
  },
  {
    fault: 'the connection is cut in the middle of a character',
    answer: (begun) =>
      sseReply(`${begun}data: {"x":"🚃`, { cutAfterBytes: Buffer.byteLength(`${begun}data: {"x":"`) + 2 }),
    reason: 'upstream_error',
    type: BROKEN,
  },
  {
    fault: 'the stream ends without a finish',
    answer: (begun) => sseReply(begun),
    reason: 'upstream_error',
    type: BROKEN,
  },
  {
    fault: 'the connection closes without a finish and without a length',
    answer: (begun) => sseReply(begun, { framing: 'close' }),
    reason: 'upstream_error',
    type: BROKEN,
  },
  {
    fault: 'the upstream falls silent',
    answer: (begun) => sseReply(`${begun}${BEHIND}`, { stallAfterBytes: Buffer.byteLength(begun) }),
    timeouts: { idleMs: 300 },
    reason: 'upstream_timeout',
    type: TIMED_OUT,
  },
  {
    fault: 'the whole takes too long',
    answer: (begun) => sseReply([begun, ...Array<string>(100).fill(': slow\n\n')], { pieceDelayMs: 50 }),
    timeouts: { totalMs: 2_500 },
    reason: 'upstream_timeout',
    type: TIMED_OUT,
  },
  {
    fault: 'an error event comes',
    answer: (begun, upstream) => sseReply(`${begun}${OVERLOADED_EVENTS[upstream]}`),
    reason: 'upstream_error',
    type: { claude: 'overloaded_error', chat: 'server_error', responses: 'server_is_overloaded' },
  },
  {
    fault: 'an event is not JSON',
    answer: (begun) => sseReply(`${begun}data: {"choices":[{"delta":\n\n${BEHIND}`),
    reason: 'upstream_error',
    type: BROKEN,
  },
  {
    fault: 'an event has the braces of JSON and is none',
    answer: (begun) => sseReply(`${begun}data: {"choices":[{"delta":{"content":"a"b"}}]}\n\n${BEHIND}`),
    reason: 'upstream_error',
    type: BROKEN,
  },
  {
    fault: 'an event is a page of HTML',
    answer: (begun) => sseReply(`${begun}data: <html>Bad gateway</html>\n\n`),
    reason: 'upstream_error',
    type: BROKEN,
  },
]

/** An answer up to its second piece of content. */
function beginning(upstream: Dialect): string {
  const { sse } = canned(upstream)
  return sse.slice(0, sse.indexOf('l ein Relais')) + sse.slice(sse.indexOf('l ein Relais')).replace(/\n\n[^]*/, '\n\n')
}

const BEGUN_TEXT = STORY.slice(0, 24)

describe.concurrent('a fault after the first content', () => {
  test.for(onEveryWay(faults))('$client > $upstream: $fault: the stream ends in an error', async (each, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(each.answer(beginning(each.upstream), each.upstream))
    const sound = await stage.upstream(canned(each.upstream).script)
    const first = accountFor(upstream, each.upstream, { priority: 1, timeouts: each.timeouts })
    const second = accountFor(sound, each.upstream, { name: 'second', priority: 2 })
    const relay = await stage.relay({ accounts: [first, second] })

    const response = await ask(relay, each.client)
    const answer = readStream(each.client, await response.text())

    expect(answer).toEqual({
      text: BEGUN_TEXT,
      isComplete: false,
      error: expect.objectContaining({ type: each.type[each.client] }),
    })
    expect(sound.requests).toHaveLength(0) // what has begun is never begun anew
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ status: 200, reason: each.reason })
    expect(attemptsOf(record)).toEqual([{ account: first.name, reason: each.reason, status: 200 }])
    await Promise.all(upstream.requests.map(endOf))
    await relay.idle()
  })
})

describe.concurrent('the record of a stream that broke', () => {
  test.for(onEveryWay([{}]))('$client > $upstream: has the last numbers, or an estimate', async (way, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(sseReply(beginning(way.upstream)))
    const relay = await stage.relay({ accounts: [accountFor(upstream, way.upstream)] })

    await (await ask(relay, way.client)).text()

    const [record] = await relay.records(1)
    const reported = { usageSource: 'reported', tokens: { inputTokens: 20, cacheReadTokens: 30, outputTokens: 1 } }
    const estimated = {
      usageSource: 'estimated',
      tokens: { inputTokens: expect.any(Number), cacheReadTokens: undefined },
    }
    expect(record).toMatchObject(way.upstream === 'claude' ? reported : estimated)
    expect(record?.tokens.outputTokens).toBeGreaterThan(0)
  })

  test.for(DIALECTS)('%s > responses: a plain error event is understood, too', async (client, context) => {
    const stage = openStage(context)
    const event = {
      type: 'error',
      sequence_number: 9,
      code: 'server_is_overloaded',
      message: 'Overloaded',
      param: null,
    }
    const error = `event: error\ndata: ${JSON.stringify(event)}\n\n`
    const upstream = await stage.upstream(sseReply(`${beginning('responses')}${error}`))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'responses')] })

    const answer = readStream(client, await (await ask(relay, client)).text())

    const type = toldTo('overloaded_error', 'server_error')[client]
    const expected = client === 'responses' ? 'server_is_overloaded' : type
    expect(answer).toMatchObject({ text: BEGUN_TEXT, isComplete: false, error: { type: expected } })
  })

  test('an account whose answer broke off is out for a moment', async (context) => {
    const stage = openStage(context)
    const breaking = await stage.upstream(sseReply(beginning('chat')))
    const sound = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({
      accounts: [
        // longer than a slow machine takes for the next request
        accountFor(breaking, 'chat', { name: 'first', priority: 1, cooldownPolicy: { firstMs: 60_000 } }),
        accountFor(sound, 'chat', { name: 'second', priority: 2 }),
      ],
    })

    await (await ask(relay, 'chat')).text()
    await relay.records(1)
    const answer = readStream('chat', await (await ask(relay, 'chat')).text())

    expect(answer).toMatchObject({ text: STORY, isComplete: true })
    expect(attemptsOf((await relay.records(2))[1])).toEqual([{ account: 'second', reason: 'completed', status: 200 }])
  })
})
