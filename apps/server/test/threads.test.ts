import { claudeErrorReply, closeBeforeHeaders } from '@relay/upstreams/testing'
import { describe, expect, test, type TestContext } from 'vitest'

import { canned, readWhole, STORY } from './dialects.ts'
import { accountFor, attemptsOf, openStage } from './harness.ts'

const BETA = { headers: { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'message-threads-2026-08-12' } }

function turn(thread: object): object {
  return { model: 'm', max_tokens: 9, thread, messages: [{ role: 'user', content: 'Hi' }] }
}

const CREATE = turn({ type: 'create' })

function goOn(previous: unknown): object {
  return turn({ type: 'continue', previous_message_id: previous })
}

const NOT_FOUND = {
  type: 'error',
  error: {
    type: 'not_found_error',
    message: expect.any(String),
    details: { error_code: 'thread_not_found' },
  },
}

/** Two accounts of which the first is asked first, and begins every thread. */
async function openPair(context: TestContext) {
  const stage = openStage(context)
  const holder = await stage.upstream(canned('claude', { id: 'msg_held' }).script)
  const other = await stage.upstream(canned('claude', { id: 'msg_other' }).script)
  const relay = await stage.relay({
    accounts: [
      accountFor(holder, 'claude', { name: 'holder', priority: 10 }),
      accountFor(other, 'claude', { name: 'other', priority: 20 }),
    ],
  })
  return { holder, other, relay }
}

describe.concurrent('a message thread', () => {
  test.for([true, false])(
    'goes on at the account that holds it, whatever others offer (stream: %s)',
    async (stream, context) => {
      const { holder, other, relay } = await openPair(context)
      await (await relay.post('/v1/messages', { ...CREATE, stream }, BETA)).text()
      const [account] = await relay.store.listAccounts()
      await relay.store.updateAccount(account?.id ?? '', { priority: 30 }) // now the other one is preferred

      await (await relay.post('/v1/messages', { ...goOn('msg_held'), stream }, BETA)).text()
      await (await relay.post('/v1/messages', { ...CREATE, stream }, BETA)).text()

      expect(holder.requests.map(({ json }) => json)).toMatchObject([
        { thread: { type: 'create' } },
        { thread: { type: 'continue', previous_message_id: 'msg_held' } },
      ])
      expect(holder.requests[1]?.headers).toMatchObject(BETA.headers)
      expect(other.requests).toHaveLength(1)
    },
  )

  test.for(['msg_unknown', '', 7, null, undefined])('that nobody holds is not found: %s', async (previous, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('claude').script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    const response = await relay.post('/v1/messages', goOn(previous), BETA)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject(NOT_FOUND)
    expect(upstream.requests).toHaveLength(0)
    expect(await relay.records(1)).toMatchObject([{ status: 404, reason: 'rejected' }])
  })

  test('whose account is out is not found, and no other account is asked', async (context) => {
    const { other, relay } = await openPair(context)
    await (await relay.post('/v1/messages', CREATE, BETA)).text()
    const [account] = await relay.store.listAccounts()
    await relay.store.updateAccount(account?.id ?? '', { enabled: false })

    const response = await relay.post('/v1/messages', goOn('msg_held'), BETA)

    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject(NOT_FOUND)
    expect(other.requests).toHaveLength(0)
  })

  test.for([
    ['is overloaded', claudeErrorReply(529, { type: 'overloaded_error', message: 'Overloaded' })],
    ['is rate limited', claudeErrorReply(429, { type: 'rate_limit_error', message: 'slow down' })],
    ['has lost its credential', claudeErrorReply(401, { type: 'authentication_error', message: 'no' })],
    ['closes the connection', closeBeforeHeaders()],
  ] as const)(
    'whose account %s is not continued elsewhere, but may be begun there anew',
    async ([, answer], context) => {
      const { holder, other, relay } = await openPair(context)
      await (await relay.post('/v1/messages', CREATE, BETA)).text()
      holder.answer(answer)

      const response = await relay.post('/v1/messages', goOn('msg_held'), BETA)

      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject(NOT_FOUND)
      expect(other.requests).toHaveLength(0)
      expect(await readWhole('claude', await relay.post('/v1/messages', CREATE, BETA))).toBe(STORY)
      expect(other.requests).toHaveLength(1)
    },
  )

  test('whose account fails, and there is no other one, is told so', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('claude', { id: 'msg_held' }).script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    await (await relay.post('/v1/messages', CREATE, BETA)).text()
    upstream.answer(claudeErrorReply(529, { type: 'overloaded_error', message: 'Overloaded' }))
    expect((await relay.post('/v1/messages', goOn('msg_held'), BETA)).status).toBe(529)
  })

  test('that is wrong as it is, is told so, and what the upstream says of a lost one stays', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('claude', { id: 'msg_held' }).script)
    const relay = await stage.relay({
      accounts: ['a', 'b'].map((name, priority) => accountFor(upstream, 'claude', { name, priority })),
    })
    await (await relay.post('/v1/messages', CREATE, BETA)).text()
    upstream.answer(claudeErrorReply(400, { type: 'invalid_request_error', message: 'messages: no' }))
    expect((await relay.post('/v1/messages', goOn('msg_held'), BETA)).status).toBe(400)
    const details = { error_code: 'thread_not_found', extra: 1 }
    const error = { type: 'not_found_error', message: 'thread not found', details }
    upstream.answer(claudeErrorReply(404, error))
    const lost = await relay.post('/v1/messages', goOn('msg_held'), BETA)
    expect([lost.status, await lost.json()]).toMatchObject([404, { error: { details } }])
  })

  test('that the upstream has forgotten is told in the upstream’s own details', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('claude', { id: 'msg_held' }).script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    await (await relay.post('/v1/messages', CREATE, BETA)).text()
    const details = { error_code: 'thread_not_found', extra: 1 }
    const error = { type: 'not_found_error', message: 'thread not found', details }
    upstream.answer(claudeErrorReply(404, error))

    const response = await relay.post('/v1/messages', goOn('msg_held'), BETA)

    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { type: 'not_found_error', details } })
  })

  test.for([true, false])(
    'at a Chat upstream is refused in the words that make the SDK go on without (stream: %s)',
    async (stream, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(canned('chat').script)
      const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
      const response = await relay.post('/v1/messages', { ...CREATE, stream }, BETA)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({
        error: {
          type: 'invalid_request_error',
          details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
        },
      })
      expect(upstream.requests).toHaveLength(0)
      const [account] = await relay.store.listAccounts()
      expect(account?.state).toMatchObject({ cooldowns: [], attention: undefined })
    },
  )

  test('begins at the account that has threads when another one has none', async (context) => {
    const stage = openStage(context)
    const without = await stage.upstream(canned('chat').script)
    const capable = await stage.upstream(canned('claude').script)
    const relay = await stage.relay({
      accounts: [
        accountFor(without, 'chat', { name: 'without', priority: 10 }),
        accountFor(capable, 'claude', { name: 'with', priority: 20 }),
      ],
    })
    expect(await readWhole('claude', await relay.post('/v1/messages', CREATE, BETA))).toBe(STORY)
    expect(without.requests).toHaveLength(0)
    expect(attemptsOf((await relay.records(1))[0]).map(({ account }) => account)).toEqual(['without', 'with'])
  })
})
