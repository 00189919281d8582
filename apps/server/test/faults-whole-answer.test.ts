import { brotliCompressSync, gzipSync } from 'node:zlib'

import type { AccountInput } from '@relay/account-store'
import { closeBeforeHeaders, htmlReply, jsonReply, silence, sseReply } from '@relay/upstreams/testing'
import type { FakeAnswer } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import {
  ask,
  canned,
  DIALECTS,
  onBothPaths,
  onEveryWay,
  readError,
  readWhole,
  STORY,
  STORY_TOKENS,
  toldTo,
} from './dialects.ts'
import { accountFor, attemptsOf, endOf, openStage, type Dialect } from './harness.ts'

interface Fault {
  readonly fault: string
  readonly answer: (json: object, upstream: Dialect) => FakeAnswer
  readonly timeouts?: AccountInput['timeouts']
  readonly status: Readonly<Record<Dialect, number>>
  readonly reason: 'upstream_error' | 'upstream_timeout'
  readonly why: string
}

const BAD_GATEWAY = toldTo(502)
const TIMED_OUT = toldTo(504)
const OVERLOADED = toldTo(529, 503)
const JSON_TYPE = { 'content-type': 'application/json' }

/** 65 MB of white space around nothing, in a few kilobytes. */
const bomb = brotliCompressSync(Buffer.alloc(65 * 1024 * 1024, ' '))

const faults: readonly Fault[] = [
  {
    fault: 'the connection is closed before the headers',
    answer: () => closeBeforeHeaders(),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_truncated',
  },
  {
    fault: 'no answer ever comes',
    answer: () => silence(),
    timeouts: { wholeHeadersMs: 200 },
    status: TIMED_OUT,
    reason: 'upstream_timeout',
    why: 'timeout',
  },
  {
    fault: 'the answer stops in the middle',
    answer: (json) => jsonReply(json, { stallAfterBytes: 100 }),
    timeouts: { idleMs: 200 },
    status: TIMED_OUT,
    reason: 'upstream_timeout',
    why: 'timeout',
  },
  {
    fault: 'the answer is cut',
    answer: (json) => jsonReply(json, { cutAfterBytes: 100 }),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_truncated',
  },
  {
    fault: 'half an answer is sent as if it were whole',
    answer: (json) => ({ kind: 'reply', headers: JSON_TYPE, body: JSON.stringify(json).slice(0, -20) }),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_invalid_response',
  },
  {
    fault: 'the body is empty',
    answer: () => ({ kind: 'reply', headers: JSON_TYPE, body: '' }),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_invalid_response',
  },
  {
    fault: 'the body is null',
    answer: () => ({ kind: 'reply', headers: JSON_TYPE, body: 'null' }),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_invalid_response',
  },
  {
    fault: 'the answer is a page of HTML',
    answer: () => htmlReply(),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_invalid_response',
  },
  {
    fault: 'the answer is an error under status 200',
    answer: () => jsonReply({ error: { message: 'Overloaded', type: 'overloaded_error' } }),
    status: OVERLOADED,
    reason: 'upstream_error',
    why: 'overloaded',
  },
  {
    fault: 'the answer tells of an error beside its words',
    answer: (json) => jsonReply({ ...json, error: { message: 'Overloaded', type: 'overloaded_error' } }),
    status: OVERLOADED,
    reason: 'upstream_error',
    why: 'overloaded',
  },
  {
    fault: 'the answer is a stream that is cut',
    answer: (_json, upstream) => sseReply(canned(upstream).sse, { cutAfterBytes: 700 }),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_truncated',
  },
  {
    fault: 'the answer is a stream without a finish',
    answer: (_json, upstream) =>
      sseReply(
        canned(upstream)
          .sse.slice(0, 700)
          .replace(/[^\n]*$/, ''),
      ),
    status: BAD_GATEWAY,
    reason: 'upstream_error',
    why: 'upstream_truncated',
  },
]

describe.concurrent('a fault in a whole answer', () => {
  test.for(onBothPaths(faults))('$client > $upstream: $fault: the client gets a real status', async (each, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(each.answer(canned(each.upstream).json, each.upstream))
    const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream, { timeouts: each.timeouts })] })

    const error = await readError(each.client, await ask(relay, each.client, { isStream: false }))

    expect(error.status).toBe(each.status[each.client])
    expect(error.message).not.toMatch(/<html|127\.0\.0\.1|ECONN|undici/i)
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ status: error.status, reason: each.reason, usageSource: 'missing' })
    expect(attemptsOf(record).map(({ reason }) => reason)).toEqual([each.why, each.why, each.why])
    await Promise.all(upstream.requests.map(endOf))
    await relay.idle()
  })

  test.for(onBothPaths(faults))('$client > $upstream: $fault: another account answers', async (each, context) => {
    const stage = openStage(context)
    const broken = await stage.upstream(each.answer(canned(each.upstream).json, each.upstream))
    const sound = await stage.upstream(canned(each.upstream).script)
    const first = accountFor(broken, each.upstream, { name: 'first', priority: 1, timeouts: each.timeouts })
    const second = accountFor(sound, each.upstream, { name: 'second', priority: 2 })
    const relay = await stage.relay({ accounts: [first, second] })

    const response = await ask(relay, each.client, { isStream: false })

    expect(await readWhole(each.client, response)).toBe(STORY)
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ status: 200, reason: 'completed', usageSource: 'reported', tokens: STORY_TOKENS })
    expect(attemptsOf(record).map(({ account, reason }) => `${account}: ${reason}`)).toEqual([
      `first: ${each.why}`,
      'second: completed',
    ])
    await Promise.all(broken.requests.map(endOf))
    await relay.idle()
  })

  test('an answer that is too large once it is decompressed is refused, and the connection closed', async (context) => {
    const stage = openStage(context)
    const headers = { ...JSON_TYPE, 'content-encoding': 'br' }
    const upstream = await stage.upstream({ kind: 'reply', headers, body: bomb })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })

    const error = await readError('claude', await ask(relay, 'claude', { isStream: false }))

    expect(error.status).toBe(502)
    expect(error.message).toContain('too large')
    expect(upstream.requests).toHaveLength(1) // a second one would cost as much, and be as large
    await Promise.all(upstream.requests.map(endOf))
    await relay.idle()
  })
})

describe.concurrent('a whole answer that is odd but sound', () => {
  const oddities = [
    { oddity: 'plain', encode: (text: string) => Buffer.from(text), headers: JSON_TYPE },
    {
      oddity: 'gzip',
      encode: (text: string) => gzipSync(text),
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
    },
    { oddity: 'no content type', encode: (text: string) => Buffer.from(text), headers: {} },
    { oddity: 'spaces', encode: (text: string) => Buffer.from(`\n\n  ${text} \n`), headers: JSON_TYPE },
  ]

  test.for(onEveryWay(oddities))('$client > $upstream: $oddity', async (each, context) => {
    const stage = openStage(context)
    const json = { ...canned(each.upstream).json, service_note: { kept: [1, 2.5, 1e21], text: '🚃' } }
    const text = JSON.stringify(json, undefined, 2)
    const upstream = await stage.upstream({ kind: 'reply', headers: each.headers, body: each.encode(text) })
    const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream)] })

    const response = await ask(relay, each.client, { isStream: false })

    expect(response.status).toBe(200)
    expect(response.headers.get('content-encoding')).toBeNull()
    expect(await readWhole(each.client, response)).toBe(STORY)
    expect(await relay.records(1)).toMatchObject([{ reason: 'completed', tokens: STORY_TOKENS }])
  })

  test.for(DIALECTS)('%s > %s: every byte of the answer is passed on', async (dialect, context) => {
    const stage = openStage(context)
    const text = `${JSON.stringify({ ...canned(dialect).json, extra: 12345678901234567890n.toString() }, undefined, 3)}\n`
    const body = text.replace(/"(12345678901234567890)"/, '$1')
    const upstream = await stage.upstream({ kind: 'reply', headers: JSON_TYPE, body })
    const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
    const response = await ask(relay, dialect, { isStream: false })
    expect(await response.text()).toBe(body)
  })
})
