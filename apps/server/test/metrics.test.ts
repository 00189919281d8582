import { chatAnswer, openAiErrorReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { accountFor, openStage } from './harness.ts'

const TOKEN = 'a token of the tests for metrics'
const ASK = { model: 'any-model-of-a-client', max_tokens: 10, messages: [{ role: 'user', content: 'ping' }] }

async function read(url: string, token?: string): Promise<{ status: number; text: string; type: string | null }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(url, { headers })
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') }
}

/** The value of one line of Prometheus text. */
function valueOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const line = text
    .split('\n')
    .find((each) => each.replace(/[{ ].*/, '') === name && wanted.every((label) => each.includes(label)))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

describe('metrics', () => {
  test('are nowhere unless a token or a port is set, and the answer says so', async (context) => {
    const relay = await openStage(context).relay({ accounts: [] })
    expect(await read(`${relay.url}/metrics`, TOKEN)).toMatchObject({
      status: 404,
      text: expect.stringMatching(/METRICS_PORT.*METRICS_TOKEN/),
    })
  })

  test('lie behind their token, also against one that nearly fits', async (context) => {
    const relay = await openStage(context).relay({ accounts: [], config: { metricsToken: TOKEN } })
    for (const token of [undefined, '', TOKEN.slice(1), `${TOKEN} `.repeat(2), relay.key]) {
      expect((await read(`${relay.url}/metrics`, token)).status).toBe(401)
    }
    expect(await read(`${relay.url}/metrics`, TOKEN)).toMatchObject({
      status: 200,
      type: expect.stringContaining('text/plain; version=0.0.4'),
    })
  })

  test('have a port of their own where that is wanted, which serves nothing else', async (context) => {
    const relay = await openStage(context).relay({ accounts: [], config: { metricsPort: 0 } })
    expect(relay.metricsUrl).toBeDefined()
    const { status, text } = await read(relay.metricsUrl ?? '')
    expect([status, text.includes('relay_build_info')]).toEqual([200, true])
    expect((await read((relay.metricsUrl ?? '').replace('/metrics', '/v1/models'))).status).toBe(404)
    expect((await read(`${relay.url}/metrics`)).status).toBe(404)
  })

  test('tell of requests, conversion, failovers, the store and the accounts', async (context) => {
    const stage = openStage(context)
    const good = await stage.upstream(chatAnswer({ text: 'pong' }).script)
    const bad = await stage.upstream(openAiErrorReply(503, { message: 'down' }))
    const relay = await stage.relay({
      config: { metricsToken: TOKEN },
      accounts: [
        accountFor(bad, 'chat', { name: 'bad', priority: 1 }),
        accountFor(good, 'chat', { name: 'good', priority: 2 }),
        accountFor(good, 'chat', { name: 'off', enabled: false }),
      ],
    })
    const streamed = await relay.post('/v1/messages', { ...ASK, stream: true })
    const streamedText = streamed.text()
    expect(await streamedText).toContain('message_stop')
    await (await relay.post('/v1/messages', ASK)).text()
    await relay.records(2)
    await relay.idle()

    const { text } = await read(`${relay.url}/metrics`, TOKEN)
    const pair = { client: 'anthropic-messages', upstream: 'openai-chat' }
    const good200 = { ...pair, reason: 'completed', status: '200' }
    expect(valueOf(text, 'relay_requests_total', { ...good200, stream: 'yes' })).toBe(1)
    expect(valueOf(text, 'relay_requests_total', { ...good200, stream: 'no' })).toBe(1)
    expect(valueOf(text, 'relay_first_token_seconds_count', { ...pair, stream: 'yes' })).toBe(1)
    expect(valueOf(text, 'relay_overhead_seconds_count', pair)).toBe(2)
    expect(valueOf(text, 'relay_failovers_total', { account: 'bad' })).toBeGreaterThanOrEqual(1)
    expect(valueOf(text, 'relay_conversion_seconds_sum', { ...pair, part: 'answer' })).toBeGreaterThan(0)
    const events = (direction: string): number | undefined =>
      valueOf(text, 'relay_stream_events_total', { ...pair, direction })
    expect(events('in')).toBeGreaterThan(1)
    expect(events('out')).toBe([...(await streamedText).matchAll(/^event: /gm)].length)
    expect(valueOf(text, 'relay_answer_bytes_total', { ...pair, direction: 'in' })).toBeGreaterThan(100)
    expect(valueOf(text, 'relay_answer_bytes_total', { ...pair, direction: 'out' })).toBeGreaterThan(100)
    expect(valueOf(text, 'relay_store_seconds_count', { operation: 'acquireLease' })).toBeGreaterThan(1)
    expect(valueOf(text, 'relay_accounts', { state: 'disabled' })).toBe(1)
    expect(text).toMatch(/^relay_cooldowns\{cause="[a-z-]+"\} 1$/m)
    expect(valueOf(text, 'relay_in_flight_requests')).toBe(0)
    expect(valueOf(text, 'relay_memory_resident_bytes')).toBeGreaterThan(1e6)
    expect(valueOf(text, 'relay_event_loop_delay_p99_seconds')).toBeGreaterThanOrEqual(0)
    expect(valueOf(text, 'relay_usage_queue_records', { state: 'lost' })).toBe(0)
    expect(text).not.toContain(ASK.model)
    expect(valueOf(text, 'relay_backup_age_seconds')).toBeUndefined()
  })

  test('tell what custom rules did', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer({ text: 'pong' }).script)
    const cap = {
      id: 'cap',
      phase: 'request.client',
      ops: [{ op: 'clamp', path: '/max_tokens', max: 5 }],
    } as const
    const account = accountFor(upstream, 'chat', { rules: { version: 1, rules: [cap] } })
    const relay = await stage.relay({ config: { metricsToken: TOKEN }, accounts: [account] })
    for (const stream of [true, false]) await (await relay.post('/v1/messages', { ...ASK, stream })).text()
    await relay.records(2)
    await relay.idle()
    const { text } = await read(`${relay.url}/metrics`, TOKEN)
    expect(valueOf(text, 'relay_rules_applied_total', { rule: 'cap' })).toBe(2)
    expect(valueOf(text, 'relay_rule_seconds_total', { rule: 'cap' })).toBeGreaterThan(0)
  })

  test('do not grow with what clients make up', async (context) => {
    const relay = await openStage(context).relay({ accounts: [], config: { metricsToken: TOKEN } })
    for (let count = 0; count < 20; count += 1) {
      await (await relay.post('/v1/messages', { ...ASK, model: `made-up-${count}` })).text()
    }
    const { text } = await read(`${relay.url}/metrics`, TOKEN)
    expect(text.split('\n').filter((line) => line.startsWith('relay_requests_total'))).toHaveLength(1)
  })
})
