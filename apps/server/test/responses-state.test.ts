import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { MAX_RESPONSE_CHARACTERS, type AccountInput } from '@relay/account-store'
import { chatAnswer, claudeAnswer, jsonReply, openAiErrorReply, responsesAnswer } from '@relay/upstreams/testing'
import type { CannedAnswer, CannedContent, FakeUpstream } from '@relay/upstreams/testing'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'

import { accountFor, openStage, type TestRelay } from './harness.ts'

const HOUR_MS = 3_600_000
const MODEL = 'gpt-5.2'
const KEEPING = { responseTtlMs: HOUR_MS } as const
/** The token is called like an id, so that the request can be told from its answer. */
const TOKEN = 'resp_of-the-upstream'

interface Kind {
  readonly name: string
  readonly answer: (content?: CannedContent) => CannedAnswer
  readonly account: (upstream: FakeUpstream) => AccountInput
}

/** A third-party Responses server: nobody knows whether it keeps anything. */
const STATELESS: Kind = {
  name: 'Responses',
  answer: responsesAnswer,
  account: (upstream) => accountFor(upstream, 'chat', { name: 'responses', type: 'responses' }),
}
const OPENAI_ITSELF: Kind = {
  ...STATELESS,
  account: (upstream) => accountFor(upstream, 'chat', { name: 'openai', type: 'openai-responses' }),
}
const CLAUDE: Kind = { name: 'Claude', answer: claudeAnswer, account: (upstream) => accountFor(upstream, 'claude') }
const CHAT: Kind = { name: 'Chat', answer: chatAnswer, account: (upstream) => accountFor(upstream, 'chat') }
const KINDS = [STATELESS, CLAUDE, CHAT]

const CALL = { id: 'call_1', name: 'read_temperature', arguments: { city: 'Zürich' } }
const TOOL = {
  type: 'function',
  name: 'read_temperature',
  description: 'Reads a thermometer',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  strict: false,
} as const

function clientOf(relay: TestRelay, apiKey: string = relay.key): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${relay.url}/v1`, maxRetries: 0 })
}

async function setPriority({ store }: TestRelay, name: string, priority: number): Promise<void> {
  const account = (await store.listAccounts()).find((candidate) => candidate.name === name)
  await store.updateAccount(account?.id ?? '', { priority })
}

/** One request in one of the two ways; the final response in both. */
async function ask(sdk: OpenAI, isStream: boolean, body: object): Promise<OpenAI.Responses.Response> {
  const request = { model: MODEL, ...body }
  return isStream ? sdk.responses.stream(request as never).finalResponse() : sdk.responses.create(request as never)
}

describe.each(KINDS)('a conversation that Relay keeps, at a $name upstream', ({ answer, account }) => {
  test.for([true, false])('goes on with its calls and their results (stream: %s)', async (isStream, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream()
    const relay = await stage.relay({ accounts: [account(upstream)], key: KEEPING })
    const sdk = clientOf(relay)
    upstream.answerNext(answer({ id: 'resp_1', text: 'I look.', toolCalls: [CALL] }).script)
    const first = await ask(sdk, isStream, { input: 'How warm is Zürich?', tools: [TOOL] })
    upstream.answerNext(answer({ id: 'resp_2', text: '21 °C.' }).script)
    const output = { type: 'function_call_output', call_id: CALL.id, output: '{"celsius":21}' }
    const second = await ask(sdk, isStream, { previous_response_id: first.id, input: [output], tools: [TOOL] })
    upstream.answerNext(answer({ id: 'resp_3', text: 'No.' }).script)
    await ask(sdk, isStream, { previous_response_id: second.id, input: 'Is that warm?', tools: [TOOL] })

    expect(second.output_text).toBe('21 °C.')
    const sent = upstream.requests.map(({ json }) => JSON.stringify(json))
    for (const said of ['How warm is Zürich?', 'I look.', CALL.name, 'celsius']) expect(sent[1]).toContain(said)
    for (const said of ['How warm is Zürich?', 'I look.', CALL.name, 'celsius', '21 °C.', 'Is that warm?'])
      expect(sent[2]).toContain(said)
    for (const body of sent) expect(body).not.toContain('resp_')
  })

  test('takes references to items for the items themselves', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(answer({ id: 'resp_1', text: 'A canary sings.' }).script)
    const relay = await stage.relay({ accounts: [account(upstream)], key: KEEPING })
    const sdk = clientOf(relay)
    const first = await ask(sdk, false, { input: 'Sing.' })
    const id = first.output[0]?.id ?? ''
    await ask(sdk, false, {
      input: [
        { type: 'item_reference', id },
        { role: 'user', content: 'Again.' },
      ],
    })
    const sent = JSON.stringify(upstream.requests[1]?.json)
    expect(sent).toContain('A canary sings.')
    expect(sent).not.toContain('item_reference')
    expect(sent).not.toContain('"Sing."')
  })

  test('is told by its id, with its input, until it is deleted', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(answer({ id: 'resp_1', text: 'Hello.' }).script)
    const relay = await stage.relay({ accounts: [account(upstream)], key: KEEPING })
    const sdk = clientOf(relay)
    const made = await ask(sdk, true, { input: 'Hi' })
    const found = await sdk.responses.retrieve(made.id)
    expect(found.output_text).toBe('Hello.')
    expect(found).toMatchObject({ id: made.id, status: 'completed', usage: { output_tokens: 7 } })
    const { data: input } = await sdk.responses.inputItems.list(made.id)
    expect(input).toMatchObject([{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }])
    await sdk.responses.delete(made.id)
    await expect(sdk.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404, code: null })
    await expect(sdk.responses.delete(made.id)).rejects.toMatchObject({ status: 404 })
    await expect(ask(sdk, false, { previous_response_id: made.id, input: 'Go on' })).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
    })
  })
})

describe.each([CLAUDE, CHAT])('a converted answer of a $name upstream', ({ answer, account }) => {
  test('says what it goes on from, and whether it is kept', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(answer({}).script)
    const relay = await stage.relay({ accounts: [account(upstream)], key: KEEPING })
    const sdk = clientOf(relay)
    const first = await ask(sdk, true, { input: 'Hi' })
    const second = await ask(sdk, false, { input: 'Go on', previous_response_id: first.id, store: false })
    expect(first).toMatchObject({ store: true, previous_response_id: null })
    expect(second).toMatchObject({ store: false, previous_response_id: first.id })
    await expect(sdk.responses.retrieve(second.id)).rejects.toMatchObject({ status: 404 })
  })

  test('without a place to be kept says so, and nobody can go on from it', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(answer({}).script)
    const relay = await stage.relay({ accounts: [account(upstream)] })
    const sdk = clientOf(relay)
    const first = await ask(sdk, false, { input: 'Hi', store: true })
    expect(first).toMatchObject({ store: false })
    await expect(ask(sdk, false, { input: 'Go on', previous_response_id: first.id })).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      code: 'previous_response_not_found',
      param: 'previous_response_id',
      message: expect.stringContaining('send the whole conversation'),
    })
    expect(upstream.requests).toHaveLength(1)
  })
})

test('proofs of reasoning are kept with a converted answer, although its client asked for none', async (context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(claudeAnswer({ text: '21 °C.' }).script)
  const reasoning = { text: 'A thermometer helps.', proof: 'cHJvb2Y' }
  upstream.answerNext(claudeAnswer({ reasoning, toolCalls: [CALL] }).script)
  const relay = await stage.relay({ accounts: [CLAUDE.account(upstream)], key: KEEPING })
  const sdk = clientOf(relay)
  const request = { model: 'claude-sonnet-4-5', tools: [TOOL], reasoning: { effort: 'high' } }
  const first = await ask(sdk, true, { ...request, input: 'How warm is Zürich?' })
  const output = { type: 'function_call_output', call_id: CALL.id, output: '{"celsius":21}' }
  await ask(sdk, true, { ...request, input: [output], previous_response_id: first.id })
  expect(JSON.stringify(upstream.requests[1]?.json)).toContain('"signature":"cHJvb2Y"')
})

describe('what is kept', () => {
  test('is there for no other relay key', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [CHAT.account(upstream)], key: KEEPING })
    const { secret } = await relay.store.createRelayKey({ name: 'other', ...KEEPING })
    const made = await ask(clientOf(relay), false, { input: 'Hi' })
    const other = clientOf(relay, secret)
    await expect(other.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 })
    await expect(other.responses.inputItems.list(made.id)).rejects.toMatchObject({ status: 404 })
    await expect(other.responses.delete(made.id)).rejects.toMatchObject({ status: 404 })
    await expect(ask(other, false, { previous_response_id: made.id, input: 'Go on' })).rejects.toMatchObject({
      code: 'previous_response_not_found',
    })
    const id = made.output[0]?.id ?? ''
    await expect(ask(other, false, { input: [{ type: 'item_reference', id }] })).rejects.toMatchObject({ status: 400 })
    await expect(clientOf(relay).responses.retrieve(made.id)).resolves.toMatchObject({ id: made.id })
  })

  test('is gone when its time is over', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [CHAT.account(upstream)], key: { responseTtlMs: 300 } })
    const sdk = clientOf(relay)
    const made = await ask(sdk, false, { input: 'Hi' })
    await expect
      .poll(() => sdk.responses.retrieve(made.id).catch((error: unknown) => error), { timeout: 5_000 })
      .toMatchObject({ status: 404 })
  })

  test('survives a restart, and cannot be read in the files of the store', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'relay-responses-'))
    context.onTestFinished(() => rmSync(folder, { recursive: true }))
    const storeFile = join(folder, 'relay.db')
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer({ text: 'canary of the answer' }).script)
    const before = await stage.relay({ accounts: [CHAT.account(upstream)], key: KEEPING, storeFile })
    const made = await ask(clientOf(before), true, { input: 'canary of the prompt' })
    const [key] = await before.store.listRelayKeys()
    const found = readdirSync(folder).filter((file) => readFileSync(join(folder, file)).includes('canary of'))
    expect(found).toEqual([])
    await before.stop(0)
    const after = await stage.relay({ accounts: [], key: { name: 'second' }, storeFile })
    const kept = await after.store.findResponse({ keyId: key?.id ?? '', id: made.id })
    expect(kept?.body).toContain('canary of the answer')
    const response = await fetch(`${after.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${before.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, input: 'Go on', previous_response_id: made.id }),
    })
    expect(response.status).toBe(200)
    expect(JSON.stringify(upstream.requests.at(-1)?.json)).toContain('canary of the prompt')
  })

  test('is taken off the disk by the next start, when its time is over', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'relay-responses-'))
    context.onTestFinished(() => rmSync(folder, { recursive: true }))
    const storeFile = join(folder, 'relay.db')
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const before = await stage.relay({ accounts: [CHAT.account(upstream)], key: { responseTtlMs: 1 }, storeFile })
    await ask(clientOf(before), false, { input: 'Hi' })
    await before.stop(0)
    const after = await stage.relay({ accounts: [], key: { name: 'second' }, storeFile })
    expect(await after.store.removeExpiredResponses()).toBe(0)
  })

  test('is never an answer that broke off', async (context) => {
    const stage = openStage(context)
    const { sse } = responsesAnswer({ id: TOKEN, text: 'Half of an answer, and then nothing' })
    const upstream = await stage.upstream(responsesAnswer({ id: TOKEN }).script)
    upstream.answerNext({
      kind: 'reply',
      headers: { 'content-type': 'text/event-stream' },
      body: sse,
      cutAfterBytes: 1200,
    })
    const relay = await stage.relay({ accounts: [STATELESS.account(upstream)], key: KEEPING })
    expect(await ask(clientOf(relay), true, { input: 'Hi' })).toMatchObject({ id: TOKEN, status: 'failed' })
    await expect(clientOf(relay).responses.retrieve(TOKEN)).rejects.toMatchObject({ status: 404 })
  })

  test('has its items also where the last event of the stream repeats none', async (context) => {
    const stage = openStage(context)
    const { sse } = responsesAnswer({ id: TOKEN, text: 'From the items.' })
    const head = sse.slice(0, sse.indexOf('event: response.completed'))
    const response = { id: TOKEN, object: 'response', status: 'completed', model: MODEL, output: [] }
    const last = { type: 'response.completed', sequence_number: 99, response }
    const body = `${head}event: response.completed\r\ndata: ${JSON.stringify(last)}\r\n\r\n`
    const upstream = await stage.upstream({
      kind: 'reply',
      headers: { 'content-type': 'text/event-stream' },
      body,
      pieceBytes: 97,
    })
    const relay = await stage.relay({ accounts: [STATELESS.account(upstream)], key: KEEPING })
    await ask(clientOf(relay), true, { input: 'Hi' })
    await expect(clientOf(relay).responses.retrieve(TOKEN)).resolves.toMatchObject({ output_text: 'From the items.' })
  })

  test('is not what is too large, and the log says so', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [CHAT.account(upstream)], key: KEEPING })
    const made = await ask(clientOf(relay), false, { input: 'x'.repeat(MAX_RESPONSE_CHARACTERS) })
    await expect(clientOf(relay).responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 })
    expect(relay.log()).toContain('a response could not be kept')
  })

  test('is no request that is nested too deeply to be written again', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(responsesAnswer().script)
    const relay = await stage.relay({ accounts: [STATELESS.account(upstream)], key: KEEPING })
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const answer = await relay.post('/v1/responses', `{"model":"${MODEL}","input":[{"role":"user","content":${deep}}]}`)
    expect(answer.status).toBe(400)
    expect(upstream.requests).toEqual([])
  })

  test('is paged by ids, the latest item first', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [CHAT.account(upstream)], key: KEEPING })
    const sdk = clientOf(relay)
    const input = ['one', 'two', 'three'].map((content) => ({ role: 'user', content }))
    const made = await ask(sdk, false, { input })
    const words = async (query: object): Promise<unknown[]> => {
      const said: unknown[] = []
      for await (const item of sdk.responses.inputItems.list(made.id, query))
        said.push('content' in item && item.content)
      return said
    }
    expect(await words({ limit: 2 })).toEqual(['three', 'two', 'one'])
    expect(await words({ limit: 1, order: 'asc' })).toEqual(['one', 'two', 'three'])
    for (const query of [{ limit: 0 }, { after: 'nobody' }])
      await expect(sdk.responses.inputItems.list(made.id, query)).rejects.toMatchObject({ status: 400 })
  })
})

describe('a conversation that an upstream keeps', () => {
  test('goes on at the account that made it, as it came', async (context) => {
    const stage = openStage(context)
    const other = await stage.upstream(chatAnswer().script)
    const upstream = await stage.upstream(responsesAnswer({ id: TOKEN }).script)
    const accounts = [CHAT.account(other), { ...OPENAI_ITSELF.account(upstream), priority: 40 }]
    const relay = await stage.relay({ accounts, key: KEEPING })
    const sdk = clientOf(relay)
    await ask(sdk, true, { input: 'Hi' })
    await setPriority(relay, 'chat upstream', 1)
    await setPriority(relay, 'openai', 99)
    await ask(sdk, false, { input: 'Go on', previous_response_id: TOKEN })
    expect(other.requests).toEqual([])
    expect(upstream.requests[1]?.json).toEqual({ model: MODEL, input: 'Go on', previous_response_id: TOKEN })
  })

  test('ends here with its deletion', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(responsesAnswer({ id: TOKEN }).script)
    const relay = await stage.relay({ accounts: [OPENAI_ITSELF.account(upstream)], key: KEEPING })
    const sdk = clientOf(relay)
    await ask(sdk, false, { input: 'Hi' })
    await sdk.responses.delete(TOKEN)
    await expect(ask(sdk, false, { input: 'Go on', previous_response_id: TOKEN })).rejects.toMatchObject({
      code: 'previous_response_not_found',
    })
    expect(upstream.requests).toHaveLength(1)
  })

  test('is sent whole where that upstream has lost it', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(responsesAnswer({ id: TOKEN, text: 'Hello.' }).script)
    const relay = await stage.relay({ accounts: [OPENAI_ITSELF.account(upstream)], key: KEEPING })
    const sdk = clientOf(relay)
    await ask(sdk, false, { input: 'Hi' })
    upstream.answerNext(openAiErrorReply(400, { message: 'gone', code: 'previous_response_not_found' }))
    await ask(sdk, false, { input: 'Go on', previous_response_id: TOKEN })
    expect(upstream.requests).toHaveLength(3)
    expect(upstream.requests[2]?.json).not.toHaveProperty('previous_response_id')
    expect(JSON.stringify(upstream.requests[2]?.json)).toContain('Hello.')
    const [, second] = await relay.records(2)
    expect(second?.attempts.map(({ reason }) => reason)).toEqual(['previous_response_not_found', 'completed'])
  })

  test('goes on there without being kept here, at no other account and for no other key', async (context) => {
    const stage = openStage(context)
    const first = await stage.upstream(responsesAnswer({ id: TOKEN }).script)
    const second = await stage.upstream(responsesAnswer({ id: 'resp_other' }).script)
    const accounts = [
      { ...OPENAI_ITSELF.account(first), priority: 1 },
      { ...OPENAI_ITSELF.account(second), name: 'second' },
    ]
    const relay = await stage.relay({ accounts })
    await ask(clientOf(relay), true, { input: 'Hi' })
    await setPriority(relay, 'openai', 99)
    await ask(clientOf(relay), false, { input: 'Go on', previous_response_id: TOKEN })
    expect([first.requests.length, second.requests.length]).toEqual([2, 0])
    const { secret } = await relay.store.createRelayKey({ name: 'other' })
    await expect(
      ask(clientOf(relay, secret), false, { input: 'Go on', previous_response_id: TOKEN }),
    ).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' })
    // What this process has not seen, the upstream may still know.
    await ask(clientOf(relay), false, { input: 'Go on', previous_response_id: 'resp_from_last_week' })
    expect(second.requests[0]?.json).toMatchObject({ previous_response_id: 'resp_from_last_week' })
  })
})

test('a reference to an item that nobody keeps is refused by its place', async (context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(chatAnswer().script)
  for (const key of [KEEPING, {}]) {
    const relay = await stage.relay({ accounts: [CHAT.account(upstream)], key })
    const input = [
      { role: 'user', content: 'Hi' },
      { type: 'item_reference', id: 'msg_1' },
    ]
    await expect(ask(clientOf(relay), false, { input })).rejects.toMatchObject({ status: 400 })
  }
  expect(upstream.requests).toEqual([])
})

describe('counting the input of a Responses request', () => {
  const path = '/v1/responses/input_tokens'

  test('is asked of an upstream that speaks the format', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply({ object: 'response.input_tokens', input_tokens: 321 }))
    const relay = await stage.relay({ accounts: [STATELESS.account(upstream)] })
    const count = await clientOf(relay).responses.inputTokens.count({ model: MODEL, input: 'Hi' })
    expect(count).toEqual({ object: 'response.input_tokens', input_tokens: 321 })
    expect(upstream.requests[0]?.url).toBe('/v1/responses/input_tokens')
  })

  test('is estimated elsewhere, and marked', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(claudeAnswer().script)
    const relay = await stage.relay({ accounts: [CLAUDE.account(upstream)], key: KEEPING })
    const short = await relay.post(path, { model: MODEL, input: 'Hi' })
    expect(short.headers.get('x-relay-estimated')).toBe('1')
    const { object, input_tokens: few } = (await short.json()) as { object: string; input_tokens: number }
    expect(object).toBe('response.input_tokens')
    const made = await ask(clientOf(relay), false, { input: 'Long '.repeat(500) })
    const long = await relay.post(path, { model: MODEL, input: 'Hi', previous_response_id: made.id })
    expect(((await long.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(few + 500)
    const unknown = await relay.post(path, { model: MODEL, input: 'Hi', previous_response_id: 'resp_nobody' })
    expect(unknown.status).toBe(400)
  })
})

describe('making a conversation shorter', () => {
  test('passes to an upstream that speaks the format, and is metered', async (context) => {
    const stage = openStage(context)
    const usage = { input_tokens: 90, output_tokens: 9, total_tokens: 99 }
    const compacted = { id: 'resp_c', object: 'response.compaction', created_at: 1, output: [], usage }
    const upstream = await stage.upstream(jsonReply(compacted))
    const chat = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [CHAT.account(chat), STATELESS.account(upstream)] })
    const answer = await relay.post('/v1/responses/compact', { model: MODEL, input: 'Hi' })
    expect(await answer.json()).toEqual(compacted)
    expect(upstream.requests[0]?.url).toBe('/v1/responses/compact')
    expect(chat.requests).toEqual([])
    expect(await relay.records(1)).toMatchObject([{ tokens: { inputTokens: 90, outputTokens: 9 } }])
  })

  test('is not there where no upstream has it', async (context) => {
    const stage = openStage(context)
    const chat = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [CHAT.account(chat)] })
    const answer = await relay.post('/v1/responses/compact', { model: MODEL, input: 'Hi' })
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error', code: null } })
    expect(chat.requests).toEqual([])
  })
})

test('the paths of the Responses API take their methods only, and speak their own errors', async (context) => {
  const relay = await openStage(context).relay({ accounts: [] })
  const wrong = [
    ['GET', '/v1/responses', 'POST'],
    ['GET', '/v1/responses/input_tokens', 'POST'],
    ['GET', '/v1/responses/compact', 'POST'],
    ['POST', '/v1/responses/resp_1', 'GET, DELETE'],
    ['DELETE', '/v1/responses/resp_1/input_items', 'GET'],
    ['GET', '/v1/responses/resp_1/cancel', 'POST'],
    ['PUT', '/openai/responses/resp_1/', 'GET, DELETE'],
  ] as const
  for (const [method, path, allow] of wrong) {
    const answer = await fetch(`${relay.url}${path}`, { method, headers: { authorization: `Bearer ${relay.key}` } })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
  }
  const unsigned = await fetch(`${relay.url}/v1/responses/resp_1`)
  expect(unsigned.status).toBe(401)
  expect(await unsigned.json()).toMatchObject({ error: { code: 'invalid_api_key' } })
})
