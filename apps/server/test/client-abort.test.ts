import { setTimeout as wait } from 'node:timers/promises'

import { jsonReply, silence, sseReply } from '@relay/upstreams/testing'
import type { FakeAnswer } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, DIALECTS, onBothPaths, PATHS } from './dialects.ts'
import { accountFor, attemptsOf, endOf, eventually, openStage, type Dialect, type TestRelay } from './harness.ts'
import { openRawClient, requestHead } from './raw-client.ts'

interface Phase {
  readonly phase: string
  readonly answer: (upstream: Dialect) => FakeAnswer
  readonly isStream: boolean
  /** The client has seen the beginning of its answer when it leaves. */
  readonly hasBegun: boolean
}

/** The number of bytes up to the second piece of content, and with it. */
function bytesOfBeginning(upstream: Dialect): number {
  const { sse } = canned(upstream)
  return Buffer.byteLength(sse.slice(0, sse.indexOf('\n\n', sse.indexOf('l ein Relais')) + 2))
}

const phases: readonly Phase[] = [
  { phase: 'while a stream waits for its headers', answer: () => silence(), isStream: true, hasBegun: false },
  { phase: 'while a whole answer waits for its headers', answer: () => silence(), isStream: false, hasBegun: false },
  {
    phase: 'while the first content is awaited',
    answer: (upstream) => sseReply(canned(upstream).sse, { stallAfterBytes: 10 }),
    isStream: true,
    hasBegun: false,
  },
  {
    phase: 'while a whole answer arrives',
    answer: (upstream) => jsonReply(canned(upstream).json, { stallAfterBytes: 50 }),
    isStream: false,
    hasBegun: false,
  },
  {
    phase: 'in the middle of a stream',
    answer: (upstream) => {
      const { sse } = canned(upstream)
      const begun = bytesOfBeginning(upstream)
      return sseReply([Buffer.from(sse).subarray(0, begun), ...Array<string>(500).fill(': slow\n\n')], {
        pieceDelayMs: 20,
      })
    },
    isStream: true,
    hasBegun: true,
  },
  {
    phase: 'in the middle of a stream that is silent',
    answer: (upstream) => sseReply(canned(upstream).sse, { stallAfterBytes: bytesOfBeginning(upstream) }),
    isStream: true,
    hasBegun: true,
  },
]

describe.concurrent('a client that leaves', () => {
  test.for(onBothPaths(phases))('$client > $upstream: $phase: the upstream hears of it', async (each, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(each.answer(each.upstream))
    const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream)] })
    const leaving = new AbortController()

    const asked = ask(relay, each.client, { isStream: each.isStream, signal: leaving.signal })
    asked.catch(() => undefined) // it is aborted below
    const request = await upstream.waitForRequest(1)
    if (each.hasBegun) await (await asked).body?.getReader().read()
    leaving.abort()

    expect(await endOf(request)).toBe('aborted')
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ reason: 'client_closed', status: each.hasBegun ? 200 : 499 })
    expect(attemptsOf(record)).toMatchObject([{ reason: 'client_closed' }])
    await relay.idle()
    expect(upstream.requests).toHaveLength(1)
    const [account] = await relay.store.listAccounts()
    expect(account?.state.cooldowns).toEqual([])
  })

  test.for(DIALECTS)('%s: while its body is read: no upstream is called', async (dialect, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned(dialect).script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
    const client = await openRawClient(relay.url)

    client.write(requestHead(`POST ${PATHS[dialect]}`, { 'x-api-key': relay.key, 'content-length': 1000 }))
    client.write('{"model":"some-model","messages":')
    await wait(50) // the relay is reading now
    client.leave()

    expect(await relay.records(1)).toMatchObject([{ reason: 'client_closed', status: 499, attempts: [] }])
    await relay.idle()
    expect(upstream.requests).toHaveLength(0)
  })

  test('while its long body is converted: no upstream is called', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(silence())
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    const [account] = await relay.store.listAccounts()
    const messages = Array.from({ length: 60_000 }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: `turn ${index}`,
    }))
    const leaving = new AbortController()
    const asked = relay.post(PATHS.chat, { model: 'some-model', messages }, { signal: leaving.signal })
    asked.catch(() => undefined) // it is aborted below

    const place = { kind: 'account', id: account?.id ?? '' } as const
    await eventually('no account has been chosen', async () => (await relay.store.countLeases(place)) === 1)
    leaving.abort()

    expect(await relay.records(1)).toMatchObject([{ reason: 'client_closed', status: 499 }])
    await relay.idle()
    expect(upstream.requests).toHaveLength(0)
  })

  test('between two tries: there is no further one', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream({ kind: 'reply', status: 500, body: '{}' })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const leaving = new AbortController()

    const asked = ask(relay, 'claude', { signal: leaving.signal })
    asked.catch(() => undefined) // it is aborted below
    await endOf(await upstream.waitForRequest(1))
    leaving.abort()

    expect(await relay.records(1)).toMatchObject([{ reason: 'client_closed', attempts: [{ status: 500 }] }])
    await wait(700) // longer than the pause before another try
    expect(upstream.requests).toHaveLength(1)
    await relay.idle()
  })

  test.for(DIALECTS)(
    '%s: whether it closes all of its connection or its own side of it, which the network tells alike',
    async (dialect, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(silence())
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
      const client = await openRawClient(relay.url)

      client.write(wholeRequest(relay, dialect))
      const request = await upstream.waitForRequest(1)
      client.socket.end()

      expect(await endOf(request)).toBe('aborted')
      await client.closed
      expect(await relay.records(1)).toMatchObject([{ reason: 'client_closed', status: 499 }])
      await relay.idle()
    },
  )

  test('a hundred at once leave nothing behind', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(sseReply(canned('chat').sse, { stallAfterBytes: bytesOfBeginning('chat') }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const leaving = new AbortController()

    const asked = Array.from({ length: 100 }, () => ask(relay, 'claude', { signal: leaving.signal }))
    const responses = await Promise.all(asked)
    leaving.abort()
    await Promise.all(responses.map((response) => response.text().catch(() => undefined)))

    await Promise.all(upstream.requests.map(endOf))
    const records = await relay.records(100)
    expect(new Set(records.map(({ reason }) => reason))).toEqual(new Set(['client_closed']))
    await relay.idle()
  })
})

function wholeRequest({ key }: Pick<TestRelay, 'key'>, dialect: Dialect): string {
  const request = { model: 'some-model', max_tokens: 100, stream: true, messages: [{ role: 'user', content: 'hi' }] }
  const body = JSON.stringify(dialect === 'responses' ? { ...request, messages: undefined, input: 'hi' } : request)
  return requestHead(`POST ${PATHS[dialect]}`, { 'x-api-key': key, 'content-length': Buffer.byteLength(body) }) + body
}
