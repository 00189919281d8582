import type { AccountInput } from '@relay/account-store'
import { chatAnswer, claudeAnswer, jsonReply, openAiErrorReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { RULE_SETTINGS } from '../src/relay/prepare/rule-book.ts'
import { shadowSetting } from '../src/relay/prepare/rules-on-trial.ts'
import { accountFor, eventually, openStage } from './harness.ts'

const REQUEST = { model: 'claude-sonnet-5', max_tokens: 500, messages: [{ role: 'user', content: 'Hello' }] }

describe('custom rules', () => {
  test('change what an account is sent, and are named in the record', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const rules = ruleSet([
      {
        id: 'cap',
        phase: 'request.client',
        when: { client: ['anthropic-messages'], upstream: ['openai-chat'] },
        ops: [{ op: 'clamp', path: '/max_tokens', max: 64 }],
      },
      {
        id: 'old-server',
        phase: 'request.ir',
        ops: [{ op: 'set', path: '/profile/dialect/maxTokensField', value: 'max_tokens' }],
      },
      {
        id: 'house-style',
        phase: 'request.upstream',
        ops: [
          { op: 'rename', path: '/max_tokens', to: '/max_new_tokens' },
          { op: 'default', path: '/provider', value: { order: ['Some Host'] } },
          { op: 'header.set', name: 'x-title', value: 'relay' },
          { op: 'header.remove', name: 'user-agent' },
        ],
      },
    ])
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { rules })] })
    expect((await relay.post('/v1/messages', REQUEST)).status).toBe(200)
    const [sent] = upstream.requests
    expect(sent?.json).toMatchObject({ max_new_tokens: 64, provider: { order: ['Some Host'] } })
    expect(sent?.json).not.toHaveProperty('max_tokens')
    expect(sent?.headers).toMatchObject({ 'x-title': 'relay', authorization: expect.stringContaining('Bearer ') })
    expect(sent?.headers).not.toHaveProperty('user-agent')
    const [record] = await relay.records(1)
    expect(ruleNames(record?.losses)).toEqual(['cap', 'old-server', 'house-style'])
  })

  test('leave a body of the same format byte for byte, and change only the members they touch', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(claudeAnswer().script)
    const rules = ruleSet([
      { id: 'k', phase: 'request.upstream', ops: [{ op: 'remove', path: '/top_k' }] },
      { id: 'cap', phase: 'request.client', ops: [{ op: 'clamp', path: '/max_tokens', max: 64 }] },
    ])
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude', { rules })] })
    const messages = '[ {"role":"user",  "content":"Hello \\u00e9", "n": 12345678901234567890} ]'
    const plain = `{ "model":"claude-sonnet-5", "max_tokens" : 10,\n"messages":${messages} }`
    await relay.post('/v1/messages', plain)
    await relay.post('/v1/messages', `{ "model":"claude-sonnet-5", "max_tokens" : 100,\n"messages":${messages} }`)
    await relay.post(
      '/v1/messages',
      `{ "model":"claude-sonnet-5", "top_k":1, "max_tokens" : 10, "messages":${messages} }`,
    )
    expect(upstream.requests.map(({ body }) => body.toString('utf8'))).toEqual([
      plain,
      `{ "model":"claude-sonnet-5", "max_tokens" : 64,\n"messages":${messages} }`,
      `{"model":"claude-sonnet-5","max_tokens":10,"messages":${messages}}`,
    ])
    const records = await relay.records(3)
    expect(records.map(({ losses }) => ruleNames(losses))).toEqual([[], ['cap'], ['k']])
  })

  test('of all accounts run first, and a change of them reaches a running relay', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const rules = ruleSet([append('third', '3')])
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { rules })] })
    await relay.store.writeSetting(RULE_SETTINGS.operator, JSON.stringify(ruleSet([append('second', '2')])))
    await relay.store.writeSetting(RULE_SETTINGS.file, JSON.stringify(ruleSet([append('first', '1')])))
    const ask = async (): Promise<unknown> => {
      await relay.post('/v1/chat/completions', { model: 'm', messages: REQUEST.messages, stop: [] })
      return upstream.requests.at(-1)?.json
    }
    expect(await ask()).toMatchObject({ stop: ['1', '2', '3'] })
    await relay.store.writeSetting(RULE_SETTINGS.operator, undefined)
    const isChanged = async (): Promise<boolean> => JSON.stringify(await ask()).includes('"stop":["1","3"]')
    await eventually('the old rules are still in use', isChanged, 5_000)
    await relay.store.updateAccount((await relay.store.listAccounts())[0]?.id ?? '', { rules: {} })
    expect(await ask()).toMatchObject({ stop: ['1'] })
  })

  test.for([400, 401, 403, 404, 413, 418, 429])(
    'refuse a request with %i, send nothing and blame nobody',
    async (status, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(chatAnswer().script)
      const ban = { op: 'reject', if: { path: '/n', gt: 1 }, message: 'n is not supported here', status }
      const rules = ruleSet([{ id: 'ban-n', phase: 'request.client', ops: [ban] }])
      const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { rules })] })
      const body = { model: 'm', messages: REQUEST.messages, n: 2 }
      const answer = await relay.post('/v1/chat/completions', body)
      expect(answer.status).toBe(status)
      expect(await answer.json()).toMatchObject({ error: { message: 'n is not supported here' } })
      expect(upstream.requests).toEqual([])
      const [record] = await relay.records(1)
      expect(ruleNames(record?.losses)).toEqual(['ban-n'])
      expect((await relay.store.listAccounts())[0]?.state).toMatchObject({ attention: undefined, cooldowns: [] })
      expect((await relay.post('/v1/chat/completions', { ...body, n: 1 })).status).toBe(200)
    },
  )

  test('word an error otherwise, while the account is judged by what happened', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(() => openAiErrorReply(400, { message: 'max_tokens is too large: 9999' }))
    const rules = ruleSet([
      {
        id: 'calm',
        phase: 'error',
        ops: [
          { op: 'set', path: '/message', value: 'Ask the team for a larger limit.' },
          { op: 'mapValue', path: '/status', map: { 400: 422 } },
        ],
      },
    ])
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { rules })] })
    const answer = await relay.post('/v1/messages', REQUEST)
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ error: { message: 'Ask the team for a larger limit.' } })
    const [record] = await relay.records(1)
    expect(ruleNames(record?.losses)).toEqual(['calm'])
    expect(record?.attempts).toMatchObject([{ status: 400, reason: 'invalid_request' }])
  })

  test('take reasoning out of whole answers and of streams', async (context) => {
    const stage = openStage(context)
    const { json, sse } = chatAnswer({ text: 'Hello there' })
    const thought = '{"index":0,"delta":{"reasoning_content":"a secret thought"},"finish_reason":null}'
    const first = `data: {"id":"chatcmpl-fake","object":"chat.completion.chunk","created":1,"model":"m","choices":[${thought}]}\n\n`
    const upstream = await stage.upstream((request) =>
      JSON.stringify(request.json).includes('"stream":true')
        ? { kind: 'reply', headers: { 'content-type': 'text/event-stream' }, body: first + sse }
        : jsonReply(withThought(json)),
    )
    const drop = [{ op: 'dropBlocks', kind: 'reasoning' }]
    const rules = ruleSet([
      { id: 'whole', phase: 'response', ops: drop },
      { id: 'streamed', phase: 'event', ops: drop },
    ])
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { rules })] })
    for (const path of ['/v1/messages', '/v1/chat/completions']) {
      for (const stream of [false, true]) {
        const text = await (await relay.post(path, { ...REQUEST, stream })).text()
        expect({ path, stream, text }).toMatchObject({ text: expect.not.stringContaining('secret thought') })
        expect(text).toContain('Hello')
      }
    }
    const records = await relay.records(4)
    expect(records.map(({ losses, reason }) => [...ruleNames(losses), reason])).toEqual(
      ['whole', 'streamed', 'whole', 'streamed'].map((name) => [name, 'completed']),
    )
  })

  test('that cannot be used are named in log and record, and the request goes on', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const rules = { version: 7, rules: [] }
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { rules })] })
    expect((await relay.post('/v1/messages', REQUEST)).status).toBe(200)
    const [record] = await relay.records(1)
    expect(record?.losses.map(({ code }) => code)).toContain('rule_skipped')
    expect(relay.log()).toContain('must be one of 1, not 7')
  })
})

function ruleSet(rules: readonly unknown[]): NonNullable<AccountInput['rules']> {
  return { version: 1, rules }
}

function append(id: string, value: string): unknown {
  return { id, phase: 'request.client', ops: [{ op: 'append', path: '/stop', value }] }
}

/** The rules that acted, in their order. */
function ruleNames(losses: readonly { readonly code: string; readonly detail?: unknown }[] = []): readonly unknown[] {
  const names = losses.filter(({ code }) => code === 'rule_applied').map(({ detail }) => detail as { value: string })
  return names.map(({ value }) => value)
}

function withThought(answer: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(
    JSON.stringify(answer).replace('"role":"assistant"', '"role":"assistant","reasoning_content":"a secret thought"'),
  )
}

describe('rules on trial', () => {
  test('change nothing, and leave a note in the record of what they would have done', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const trial = ruleSet([
      { id: 'trial-cap', phase: 'request.upstream', ops: [{ op: 'set', path: '/seed', value: 7 }] },
    ])
    await relay.store.writeSetting(shadowSetting(undefined), JSON.stringify(trial))
    const answer = await relay.post('/v1/messages', REQUEST)
    expect(answer.headers.get('x-relay-losses')).toBeNull()
    expect(upstream.requests[0]?.json).not.toHaveProperty('seed')
    const [record] = await relay.records(1)
    expect(record?.losses.filter(({ code }) => code === 'rule_shadowed')).toEqual([
      {
        code: 'rule_shadowed',
        level: 'info',
        path: '',
        message: 'rule trial-cap would act in request.upstream',
        detail: { value: 'trial-cap' },
      },
    ])
  })
})
