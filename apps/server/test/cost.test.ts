import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

import { chatAnswer, jsonReply, silence, sseReply } from '@relay/upstreams/testing'
import { expect, test, type TestContext } from 'vitest'

import { ask, canned, readWhole, STORY } from './dialects.ts'
import { accountFor, openStage } from './harness.ts'

const ASK = { model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }] }

function answer(usage: object, more: object = {}): ReturnType<typeof jsonReply> {
  const choice = { index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }
  const body = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-5',
    choices: [choice],
    usage,
    ...more,
  }
  return jsonReply(body, { headers: { 'x-request-id': 'req_upstream_1' } })
}

const USAGE = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }

test('a request is priced by the list, and its record says so', async (context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(
    answer({ ...USAGE, prompt_tokens_details: { cached_tokens: 400 } }, { service_tier: 'default' }),
  )
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
  await relay.post('/v1/chat/completions', ASK)
  const [record] = await relay.records(1)
  // 600 × 1.25 + 400 × 0.125 + 100 × 10
  expect(record).toMatchObject({
    costMicroUsd: 1800,
    costSource: 'computed',
    serviceTier: 'default',
    modelSent: 'gpt-5',
    upstreamRequestId: 'req_upstream_1',
  })
  expect(relay.log()).toContain('"costMicroUsd":1800')
})

test('a cost that the upstream reports wins; an unknown price is unknown', async (context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(answer({ ...USAGE, cost: 0.5 }))
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
  await relay.post('/v1/chat/completions', ASK)
  const unknown = await stage.upstream(answer(USAGE, { model: 'nobody-knows-this' }))
  const other = await stage.relay({ accounts: [accountFor(unknown, 'chat')] })
  await other.post('/v1/chat/completions', { ...ASK, model: 'nobody-knows-this' })
  expect((await relay.records(1))[0]).toMatchObject({ costMicroUsd: 500_000, costSource: 'reported' })
  expect((await other.records(1))[0]).toMatchObject({ costMicroUsd: undefined, costSource: 'unknown' })
})

const ENDLESS = Number.MAX_SAFE_INTEGER
const endless = [
  { dialect: 'claude', usage: { input_tokens: ENDLESS, output_tokens: ENDLESS } },
  { dialect: 'chat', usage: { prompt_tokens: ENDLESS, completion_tokens: ENDLESS, cost: 1e9 } },
  { dialect: 'responses', usage: { input_tokens: ENDLESS, output_tokens: ENDLESS } },
] as const
test.for(endless)(
  '$dialect: counts that nobody could have used are unknown, flagged, and break no sum',
  async ({ dialect, usage }, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply({ ...canned(dialect).json, usage }))
    const accounts = [accountFor(upstream, dialect, { dailyQuota: { limitMicroUsd: 1_000_000_000 } })]
    const budget = { dayMicroUsd: 1_000_000_000 }
    const rateLimits = [{ counts: 'tokens', windowMs: 3_600_000, max: 1_000_000_000 }] as const
    const relay = await stage.relay({ accounts, key: { budget, rateLimits } })
    for (let round = 0; round < 3; round += 1) {
      const response = await ask(relay, dialect, { isStream: false, body: { model: 'gpt-5' } })
      expect(await readWhole(dialect, response)).toBe(STORY)
    }
    await relay.idle()
    for (const { usageSource, losses } of await relay.records(3)) {
      expect(usageSource).toBe('estimated')
      expect(losses.map(({ code }) => code)).toContain('usage_inconsistent')
    }
    expect((await relay.store.sumUsage()).tokens.outputTokens).toBeLessThan(10_000)
    const own = await fetch(`${relay.url}/v1/relay/key`, { headers: { 'x-api-key': relay.key } })
    expect(own.status).toBe(200)
    expect(relay.log()).not.toContain('"level":"error"')
  },
)

test("the operator's prices are in force a moment after they are said", async (context) => {
  const stage = openStage(context)
  const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(answer(USAGE)), 'chat')] })
  await relay.store.writeSetting('prices', JSON.stringify({ prices: [{ model: 'gpt-*', input: 1, output: 0 }] }))
  await expect
    .poll(
      async () => {
        await relay.post('/v1/chat/completions', ASK)
        return (await relay.store.listUsage({ limit: 1 })).records[0]?.costMicroUsd
      },
      { timeout: 10_000 },
    )
    .toBe(1000)
})

/** Takes connections, and never answers the hello of TLS. */
async function openMute(context: TestContext): Promise<{ readonly url: string; readonly connected: Promise<unknown> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)))
  const connected = once(server, 'connection')
  await once(server.listen(0, '127.0.0.1'), 'listening')
  context.onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo // a TCP server's address
  return { url: `https://127.0.0.1:${port}`, connected }
}

test.for([
  ['/v1/chat/completions', { ...ASK, stream: true }],
  ['/v1/chat/completions', ASK],
  ['/v1/messages', { ...ASK, max_tokens: 10, stream: true }],
  ['/v1/embeddings', { model: 'gpt-5', input: 'Hello' }],
] as const)(
  'of whom nobody was asked before the client left, nobody is to be paid: %s',
  async ([path, body], context) => {
    const stage = openStage(context)
    const mute = await openMute(context)
    const failing = await stage.upstream(jsonReply({ error: { message: 'boom' } }, { status: 500 }))
    const accounts = [
      accountFor(failing, 'chat', { name: 'failing', priority: 1 }),
      { ...accountFor(failing, 'chat', { name: 'mute', priority: 2 }), baseUrl: mute.url },
    ]
    const relay = await stage.relay({ accounts })
    const leaving = new AbortController()

    relay.post(path, body, { signal: leaving.signal }).catch(() => undefined) // it is aborted below
    await mute.connected
    leaving.abort()

    const [record] = await relay.records(1)
    expect(record).toMatchObject({
      reason: 'client_closed',
      usageSource: 'missing',
      costMicroUsd: 0,
      accountName: 'mute',
    })
  },
)

test('what the client left when it had been sent has an unknown cost', async (context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(silence())
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
  const leaving = new AbortController()

  relay.post('/v1/chat/completions', ASK, { signal: leaving.signal }).catch(() => undefined) // it is aborted below
  await upstream.waitForRequest(1)
  leaving.abort()

  expect((await relay.records(1))[0]).toMatchObject({ reason: 'client_closed', costMicroUsd: undefined })
})

test('a request that failed costs nothing', async (context) => {
  const stage = openStage(context)
  const refusal = jsonReply(
    { error: { message: 'no', type: 'invalid_request_error', param: null, code: null } },
    { status: 400 },
  )
  const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(refusal), 'chat')] })
  await relay.post('/v1/chat/completions', ASK)
  expect((await relay.records(1))[0]).toMatchObject({ usageSource: 'missing', costMicroUsd: 0 })
})

test('what an upstream counted for an attempt that failed is in the record and in the quota of its account', async (context) => {
  const stage = openStage(context)
  const begun = { type: 'message', id: 'msg_1', role: 'assistant', model: 'claude-sonnet-4-5', content: [] }
  const frames = [
    { type: 'message_start', message: { ...begun, usage: { input_tokens: 1000, output_tokens: 1 } } },
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
  ]
  const first = await stage.upstream(
    sseReply(frames.map((frame) => `event: ${frame.type}\ndata: ${JSON.stringify(frame)}\n\n`).join('')),
  )
  const second = await stage.upstream(answer(USAGE))
  const quota = { dailyQuota: { limitMicroUsd: 1_000_000 } }
  const relay = await stage.relay({
    accounts: [
      accountFor(first, 'claude', { name: 'first', priority: 1, models: { '*': 'claude-sonnet-4-5' }, ...quota }),
      accountFor(second, 'chat', { name: 'second', priority: 2, ...quota }),
    ],
  })
  await (await relay.post('/v1/chat/completions', { ...ASK, stream: true })).text()
  const [record] = await relay.records(1)
  expect(first.requests).toHaveLength(1)
  // 1000 × 3 + 1 × 15 at the first, 1000 × 1.25 + 100 × 10 at the second
  expect(record).toMatchObject({
    accountName: 'second',
    usageSource: 'reported',
    tokens: { inputTokens: 2000, outputTokens: 101 },
    costMicroUsd: 3015 + 2250,
  })
  const used = async (): Promise<unknown> =>
    Object.fromEntries((await relay.store.listAccounts()).map(({ name, state }) => [name, state.quota?.usedMicroUsd]))
  await expect.poll(used, { timeout: 10_000 }).toEqual({ first: 3015, second: 2250 })
})

test("tags come from the operator's headers, which no upstream sees", async (context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(chatAnswer().script)
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
  await relay.post('/v1/chat/completions', ASK, { headers: { 'X-Project': 'relay' } })
  const [record] = await relay.records(1)
  expect(record?.tags).toEqual({ 'x-project': 'relay' })
  expect(JSON.stringify(upstream.requests)).not.toContain('x-project')
})

test('what is known of a model is in the list, as far as the account allows it', async (context) => {
  const stage = openStage(context)
  const models = { 'my-gpt': 'gpt-5', 'my-claude': 'claude-opus-4-5' }
  const account = accountFor(await stage.upstream(), 'chat', { models, maxOutputTokens: 100_000 })
  const relay = await stage.relay({ accounts: [account] })
  const get = async (headers: Record<string, string>): Promise<unknown> =>
    (await fetch(`${relay.url}/v1/models`, { headers: { 'x-api-key': relay.key, ...headers } })).json()
  expect(await get({})).toMatchObject({
    data: [
      { id: 'my-claude', context_window: 200_000, max_output_tokens: 64_000 },
      { id: 'my-gpt', context_window: 400_000, max_output_tokens: 100_000, input_modalities: ['text', 'image', 'pdf'] },
    ],
  })
  expect(await get({ 'anthropic-version': '2023-06-01' })).toMatchObject({
    data: [{ max_input_tokens: 200_000, max_tokens: 64_000 }, { max_input_tokens: 400_000 }],
  })
})

test('requests at once hold what they may cost against the quota of their account, and give back what they did not use', async (context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(answer(USAGE))
  const limitMicroUsd = 60_000
  const account = accountFor(upstream, 'chat', { dailyQuota: { limitMicroUsd } })
  const relay = await stage.relay({ accounts: [account] })
  const [{ id } = { id: '' }] = await relay.store.listAccounts()
  const used = async (): Promise<number> => (await relay.store.getAccount(id))?.state.quota?.usedMicroUsd ?? 0
  // each may cost about 10,000 and costs 2250
  const ask = async () => relay.post('/v1/chat/completions', { ...ASK, max_tokens: 1000 })
  const first = await Promise.all(Array.from({ length: 200 }, ask))
  const served = first.filter(({ status }) => status === 200).length
  expect(served).toBeGreaterThan(0)
  await expect.poll(used, { timeout: 10_000 }).toBe(served * 2250)
  let total = served
  for (let turn = 0; turn < 40; turn += 1) total += (await ask()).status === 200 ? 1 : 0
  await expect.poll(used, { timeout: 10_000 }).toBe(total * 2250)
  // the last one may go beyond, no other
  expect((total - 1) * 2250).toBeLessThan(limitMicroUsd)
  expect(total * 2250).toBeGreaterThanOrEqual(limitMicroUsd)
  expect(upstream.requests).toHaveLength(total)
})

test('an attempt that fails gives back what it held against a quota, and so does a client that leaves', async (context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream({ kind: 'silence' })
  const account = accountFor(upstream, 'chat', { dailyQuota: { limitMicroUsd: 12_000 }, maxConcurrency: 1 })
  const relay = await stage.relay({ accounts: [account] })
  const leaving = new AbortController()
  const ask = async (signal?: AbortSignal) =>
    relay.post('/v1/chat/completions', { ...ASK, max_tokens: 1000 }, signal === undefined ? {} : { signal })
  const left = ask(leaving.signal).catch(() => undefined) // aborted below
  await upstream.waitForRequest(1)
  leaving.abort()
  await left
  await relay.idle()
  const broken = jsonReply({ error: { message: 'try again', type: 'server_error' } }, { status: 500 })
  upstream.answer(() => (upstream.requests.length < 3 ? broken : answer(USAGE)))
  const answered = await ask()
  expect([answered.status, upstream.requests.length]).toEqual([200, 3])
  const [{ id } = { id: '' }] = await relay.store.listAccounts()
  await expect.poll(async () => relay.store.countLeases({ kind: 'account', id }), { timeout: 10_000 }).toBe(0)
  expect((await relay.store.getAccount(id))?.state.quota?.usedMicroUsd).toBe(2250)
})

test('what a request costs counts for the quota of its account', async (context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(answer(USAGE))
  const account = accountFor(upstream, 'chat', { dailyQuota: { limitMicroUsd: 2500 } })
  const relay = await stage.relay({ accounts: [account] })
  await relay.post('/v1/chat/completions', ASK)
  const [{ id } = { id: '' }] = await relay.store.listAccounts()
  await expect
    .poll(async () => (await relay.store.getAccount(id))?.state.quota?.usedMicroUsd, { timeout: 10_000 })
    .toBe(2250)
})
