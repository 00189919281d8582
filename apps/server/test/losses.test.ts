import { chatAnswer } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { accountFor, openStage } from './harness.ts'

/** Some of it cannot be told to a Chat upstream. */
const REQUEST = {
  model: 'claude-sonnet-5',
  max_tokens: 50,
  system: [{ type: 'text', text: 'Be exact.', cache_control: { type: 'ephemeral' } }],
  messages: [{ role: 'user', content: 'Hello' }],
  mcp_servers: [],
  context_management: { edits: [] },
}

describe('losses', () => {
  test('are counted in a header, in the log and in the record when the policy is warn', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const answer = await relay.post('/v1/messages', REQUEST)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-relay-losses')).toMatch(/^\d; worst=lossy$/)
    const [record] = await relay.records(1)
    expect(record?.losses.map(({ code }) => code)).toContain('param_unsupported')
    expect(relay.log()).toContain('"worstLoss":"lossy"')
  })

  test('are only recorded when the policy is allow', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key: { lossPolicy: 'allow' } })
    const answer = await relay.post('/v1/messages', REQUEST)
    expect(answer.headers.get('x-relay-losses')).toBeNull()
    const [record] = await relay.records(1)
    expect(record?.losses.length).toBeGreaterThan(0)
    expect(relay.log()).not.toContain('worstLoss')
  })

  test.for([
    ['the key', { key: { lossPolicy: 'reject' }, account: {} }],
    ['the account', { key: {}, account: { lossPolicy: 'reject' } }],
  ] as const)('are refused before anything is sent when %s says so, by field and code', async ([, setup], context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', setup.account)], key: setup.key })
    const answer = await relay.post('/v1/messages', REQUEST)
    expect(answer.status).toBe(400)
    const { error } = (await answer.json()) as { readonly error: { readonly type: string; readonly message: string } }
    expect(error.type).toBe('invalid_request_error')
    expect(error.message).toMatch(/\/(?:mcp_servers|context_management|system).*\([a-z_]+\)/)
    expect(upstream.requests).toEqual([])
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ status: 400, reason: 'rejected' })
    expect(record?.losses.length).toBeGreaterThan(0)
  })

  test('an account cannot loosen the policy of a key', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const account = accountFor(upstream, 'chat', { lossPolicy: 'allow' })
    const relay = await stage.relay({ accounts: [account], key: { lossPolicy: 'reject' } })
    expect((await relay.post('/v1/messages', REQUEST)).status).toBe(400)
  })

  test('that were accepted for the account are recorded as such, and neither shown nor refused', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const codes = ['cache_mark_dropped', 'param_unsupported', 'unknown_field']
    const acceptedLosses = codes.map((code) => ({ code, by: 'mei', at: 1_700_000_000_000 }))
    const account = accountFor(upstream, 'chat', { acceptedLosses })
    const relay = await stage.relay({ accounts: [account], key: { lossPolicy: 'reject' } })
    const answer = await relay.post('/v1/messages', REQUEST)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-relay-losses')).toBeNull()
    const [record] = await relay.records(1)
    const costly = record?.losses.filter(({ level }) => level === 'degraded' || level === 'lossy') ?? []
    expect(costly.length).toBeGreaterThan(0)
    for (const loss of costly) expect(loss).toMatchObject({ isAccepted: true })
    expect(relay.log()).not.toContain('worstLoss')
  })

  test('that were not accepted are still shown beside accepted ones', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const acceptedLosses = [{ code: 'cache_mark_dropped', by: 'mei', at: 1_700_000_000_000 }]
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { acceptedLosses })] })
    const answer = await relay.post('/v1/messages', REQUEST)
    const shown = Number(answer.headers.get('x-relay-losses')?.split(';')[0])
    const [record] = await relay.records(1)
    const open = record?.losses.filter(({ level, isAccepted }) => /degraded|lossy/.test(level) && isAccepted !== true)
    expect(shown).toBe(open?.length)
  })
})
