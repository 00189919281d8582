import type { AccountInput } from '@relay/account-store'
import { closeBeforeHeaders, htmlReply, rawAnswer, silence, sseReply } from '@relay/upstreams/testing'
import type { FakeAnswer } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import {
  ask,
  canned,
  onBothPaths,
  OVERLOADED_EVENTS,
  readError,
  readStream,
  STORY,
  STORY_TOKENS,
  toldTo,
} from './dialects.ts'
import { accountFor, attemptsOf, endOf, openStage, type Dialect } from './harness.ts'

interface Fault {
  readonly fault: string
  readonly answer: (upstream: Dialect) => FakeAnswer
  /** The limit that ends the wait, short enough for a test. */
  readonly timeouts?: AccountInput['timeouts']
  /** What a client is told when every try meets the fault. */
  readonly status: Readonly<Record<Dialect, number>>
  readonly reason: 'upstream_error' | 'upstream_timeout'
  /** Why each attempt failed, as its record says. */
  readonly why: string
  /** Status of each attempt; left out where the upstream gave none. */
  readonly attemptStatus?: number
  /** The start comes before the fault. */
  readonly hasStart?: true
}

const BAD_GATEWAY = toldTo(502)
const TIMED_OUT = toldTo(504)
const OVERLOADED = toldTo(529, 503)

/** How the event begins that carries the first content. */
const FIRST_CONTENT: Readonly<Record<Dialect, string>> = {
  claude: 'event: content_block_delta',
  chat: 'data: ',
  responses: 'event: response.output_text.delta',
}

/** Everything of an answer that stands before its first content: the start, a role, an empty block. */
function opening(upstream: Dialect): string {
  const { sse } = canned(upstream)
  return sse.slice(0, sse.indexOf(FIRST_CONTENT[upstream], 10))
}

/** The start with its members in alphabetical order, as some programming languages write JSON. */
function reordered(sse: string): string {
  return sse.replaceAll(/^data: (\{.*\})$/gm, (_line, json: string) => {
    const members = Object.entries(JSON.parse(json) as object).toSorted(([one], [other]) => (one < other ? -1 : 1))
    return `data: ${JSON.stringify(Object.fromEntries(members))}`
  })
}

/** Only Messages reports usage with the start of an answer: what the first upstream has counted is paid for, too (`reliability` 5.3). */
function tokensAfter({ upstream, hasStart }: Pick<Fault, 'hasStart'> & { readonly upstream: Dialect }): object {
  if (upstream !== 'claude' || hasStart !== true) return STORY_TOKENS
  const { inputTokens, cacheReadTokens, outputTokens } = STORY_TOKENS
  return {
    inputTokens: 2 * inputTokens,
    cacheReadTokens: 2 * cacheReadTokens,
    outputTokens: outputTokens + START_OUTPUT_TOKENS,
  }
}

/** As the start of the canned answer says. */
const START_OUTPUT_TOKENS = 1

const faults: readonly Fault[] = [
  {
    fault: 'the connection is closed before the headers',
    answer: () => closeBeforeHeaders(),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_truncated',
  },
  {
    fault: 'the connection is reset before the headers',
    answer: () => closeBeforeHeaders({ isReset: true }),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_truncated',
  },
  {
    fault: 'the answer is not HTTP',
    answer: () => rawAnswer('SSH-2.0-OpenSSH_9.7\r\n'),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_protocol',
  },
  {
    fault: 'no answer ever comes',
    answer: () => silence(),
    timeouts: { streamHeadersMs: 200 },
    status: TIMED_OUT,
    reason: 'upstream_timeout',
    why: 'timeout',
  },
  {
    fault: 'headers come, and then nothing',
    answer: (upstream) => sseReply(opening(upstream), { stallAfterBytes: 0 }),
    timeouts: { idleMs: 200 },
    status: TIMED_OUT,
    reason: 'upstream_timeout',
    why: 'timeout',
    attemptStatus: 200,
  },
  {
    fault: 'the start comes, and then nothing',
    answer: (upstream) => sseReply(`${opening(upstream)} `, { stallAfterBytes: opening(upstream).length }),
    timeouts: { idleMs: 200 },
    status: TIMED_OUT,
    reason: 'upstream_timeout',
    why: 'timeout',
    attemptStatus: 200,
    hasStart: true,
  },
  {
    fault: 'only comments come',
    answer: () => sseReply(Array<string>(100).fill(': wait\n\n'), { pieceDelayMs: 60 }),
    timeouts: { firstEventMs: 300 },
    status: TIMED_OUT,
    reason: 'upstream_timeout',
    why: 'timeout',
    attemptStatus: 200,
  },
  {
    fault: 'the stream is cut after the headers',
    answer: () => sseReply('data: never', { cutAfterBytes: 0 }),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_truncated',
    attemptStatus: 200,
  },
  {
    fault: 'the stream is cut after the start',
    answer: (upstream) => sseReply(`${opening(upstream)} `, { cutAfterBytes: opening(upstream).length }),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_truncated',
    attemptStatus: 200,
    hasStart: true,
  },
  {
    fault: 'the stream ends after the start',
    answer: (upstream) => sseReply(opening(upstream)),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_truncated',
    attemptStatus: 200,
    hasStart: true,
  },
  {
    fault: 'the body is empty',
    answer: () => sseReply(''),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_truncated',
    attemptStatus: 200,
  },
  {
    fault: 'the first event is an error',
    answer: (upstream) => sseReply(OVERLOADED_EVENTS[upstream]),
    status: OVERLOADED,
    reason: 'upstream_error',
    why: 'overloaded',
    attemptStatus: 200,
  },
  {
    fault: 'an error follows the start',
    answer: (upstream) => sseReply(`${opening(upstream)}${OVERLOADED_EVENTS[upstream]}`),
    status: OVERLOADED,
    reason: 'upstream_error',
    why: 'overloaded',
    attemptStatus: 200,
    hasStart: true,
  },
  {
    fault: 'an error follows a start whose members stand in another order',
    answer: (upstream) => sseReply(`${reordered(opening(upstream))}${OVERLOADED_EVENTS[upstream]}`),
    status: OVERLOADED,
    reason: 'upstream_error',
    why: 'overloaded',
    attemptStatus: 200,
    hasStart: true,
  },
  {
    fault: 'an error follows events that no format knows',
    answer: (upstream) =>
      sseReply(`event: weather\ndata: {"type":"weather"}\n\ndata: {"error":null}\n\n${OVERLOADED_EVENTS[upstream]}`),
    status: OVERLOADED,
    reason: 'upstream_error',
    why: 'overloaded',
    attemptStatus: 200,
  },
  {
    fault: 'the only event is one that no format knows',
    answer: () => sseReply('data: {"ok":false}\n\n'),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_truncated',
    attemptStatus: 200,
  },
  {
    fault: 'an event is not JSON',
    answer: (upstream) => sseReply(`${opening(upstream)}data: {"choices":[{\n\n`),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_protocol',
    attemptStatus: 200,
    hasStart: true,
  },
  {
    fault: 'the answer is a page of HTML',
    answer: () => htmlReply(),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_invalid_response',
    attemptStatus: 200,
  },
  {
    fault: 'the answer is an error object under status 200',
    answer: () => ({
      kind: 'reply',
      headers: { 'content-type': 'application/json' },
      body: '{"error":{"message":"Overloaded","type":"overloaded_error"}}',
    }),
    status: OVERLOADED,
    reason: 'upstream_error',
    why: 'overloaded',
    attemptStatus: 200,
  },
  {
    fault: 'status 500',
    answer: () => ({ kind: 'reply', status: 500, body: '{"error":{"message":"Oops","type":"server_error"}}' }),
    status: toldTo(500),
    reason: 'upstream_error',
    why: 'internal',
    attemptStatus: 500,
  },
  {
    fault: 'status 503 with a page of HTML',
    answer: () => htmlReply({ status: 503 }),
    status: OVERLOADED,
    reason: 'upstream_error',
    why: 'overloaded',
    attemptStatus: 503,
  },
  {
    fault: 'status 529',
    answer: () => ({ kind: 'reply', status: 529, body: '{"type":"error","error":{"type":"overloaded_error"}}' }),
    status: OVERLOADED,
    reason: 'upstream_error',
    why: 'overloaded',
    attemptStatus: 529,
  },
  {
    fault: 'status 408',
    answer: () => ({ kind: 'reply', status: 408, body: '' }),
    status: TIMED_OUT,
    reason: 'upstream_timeout',
    why: 'timeout',
    attemptStatus: 408,
  },
]

describe.concurrent('a fault before the first content', () => {
  test.for(onBothPaths(faults))('$client > $upstream: $fault: the client gets a real status', async (each, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(each.answer(each.upstream))
    const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream, { timeouts: each.timeouts })] })

    const error = await readError(each.client, await ask(relay, each.client))

    expect(error.status).toBe(each.status[each.client])
    expect(error.message).not.toMatch(/<html|127\.0\.0\.1|ECONN|undici/i)
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ status: error.status, reason: each.reason })
    expect(record?.usageSource).not.toBe('estimated') // what the client never got is no output
    const attempt = { account: `${each.upstream} upstream`, reason: each.why, status: each.attemptStatus }
    expect(attemptsOf(record)).toEqual([attempt, attempt, attempt])
    await Promise.all(upstream.requests.map(endOf))
    await relay.idle()
  })

  test.for(onBothPaths(faults))('$client > $upstream: $fault: another account answers', async (each, context) => {
    const stage = openStage(context)
    const broken = await stage.upstream(each.answer(each.upstream))
    const sound = await stage.upstream(canned(each.upstream).script)
    const first = accountFor(broken, each.upstream, { name: 'first', priority: 1, timeouts: each.timeouts })
    const second = accountFor(sound, each.upstream, { name: 'second', priority: 2 })
    const relay = await stage.relay({ accounts: [first, second] })

    const response = await ask(relay, each.client)
    const answer = readStream(each.client, await response.text())

    expect(answer).toEqual({ text: STORY, isComplete: true, error: undefined })
    expect(response.headers.get('x-relay-attempts')).toBe('2')
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ status: 200, reason: 'completed', accountName: 'second', usageSource: 'reported' })
    expect(record?.tokens).toMatchObject(tokensAfter(each))
    expect(attemptsOf(record)).toEqual([
      { account: 'first', reason: each.why, status: each.attemptStatus },
      { account: 'second', reason: 'completed', status: 200 },
    ])
    expect(broken.requests).toHaveLength(1)
    await Promise.all(broken.requests.map(endOf))
    await relay.idle()
  })
})
