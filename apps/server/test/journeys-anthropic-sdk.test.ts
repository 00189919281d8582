import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { chatAnswer, claudeAnswer, startFakeUpstream } from '@relay/upstreams/testing'
import type { CannedToolCall, FakeUpstream, RecordedRequest } from '@relay/upstreams/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import {
  CALL_A,
  CALL_B,
  CALL_C,
  PIXEL_PNG,
  PLAIN_PDF,
  QUESTION,
  readTemperature,
  REPORT_SAVED,
  REPORT_SCHEMA,
  TEMPERATURE_SCHEMA,
  TOTALS,
  TURNS,
} from './agent-task.ts'
import { startRelayProcess, type RelayProcess } from './process-harness.ts'
import { recordWire } from './record-wire.ts'

let chat: FakeUpstream
let claude: FakeUpstream
let relay: RelayProcess
let client: Anthropic

beforeAll(async () => {
  chat = await startFakeUpstream()
  claude = await startFakeUpstream()
  const credential = 'upstream-credential-0001'
  relay = await startRelayProcess([
    { name: 'chat', type: 'openai-chat', baseUrl: chat.url, credential, models: { 'claude-sonnet-5': 'gpt-5.2' } },
    {
      name: 'claude',
      type: 'claude-console',
      baseUrl: claude.url,
      credential,
      models: { 'claude-opus-5': 'claude-opus-5' },
    },
  ])
  client = new Anthropic({ apiKey: relay.key, baseURL: relay.url, maxRetries: 0 })
})

afterAll(async () => {
  await relay.stop()
  await Promise.all([chat.close(), claude.close()])
})

beforeEach(async () => {
  chat.clear()
  claude.clear()
  await relay.newRecords(0)
})

const readTemperatureTool = betaTool({
  name: 'read_temperature',
  description: 'Reads a thermometer',
  inputSchema: TEMPERATURE_SCHEMA,
  run: ({ city }) => readTemperature(city),
})
const writeReportTool = betaTool({
  name: 'write_report',
  description: 'Writes a report',
  inputSchema: REPORT_SCHEMA,
  run: () => REPORT_SAVED,
})

const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL_PNG } } as const
const pdf = {
  type: 'document',
  title: 'towns.pdf',
  source: { type: 'base64', media_type: 'application/pdf', data: PLAIN_PDF },
} as const

type Task = Pick<Anthropic.Beta.MessageCreateParamsNonStreaming, 'model' | 'max_tokens' | 'system' | 'messages'>

function task(model: string): Task {
  const content = [{ type: 'text', text: QUESTION } as const, image, pdf]
  return { model, max_tokens: 2000, system: 'Be exact.', messages: [{ role: 'user', content }] }
}

describe('a Claude client at a Chat upstream', () => {
  test('the tool runner completes a streamed task of three turns with parallel calls, an image and a PDF', async () => {
    for (const turn of TURNS) chat.answerNext(chatAnswer(turn).script)
    const runner = client.beta.messages.toolRunner({
      ...task('claude-sonnet-5'),
      stream: true,
      tools: [readTemperatureTool, writeReportTool],
    })
    const replies: Anthropic.Beta.BetaMessage[] = []
    for await (const stream of runner) replies.push(await stream.finalMessage())

    expect(replies.map(describeReply)).toEqual(EXPECTED_REPLIES)
    expectChatTask(chat.requests)
    // The first call asks for a message thread, which this upstream does not have; nothing was sent for it.
    const [refused, ...turns] = await relay.newRecords(4)
    expect(refused).toMatchObject({ status: 400, reason: 'rejected', usageSource: 'missing' })
    expect(turns.map(({ tokens }) => tokens)).toMatchObject(EXPECTED_TOKENS)
    expect(turns).toMatchObject(
      TURNS.map(() => ({ status: 200, reason: 'completed', usageSource: 'reported', upstreamFormat: 'openai-chat' })),
    )
  })

  test('the same task runs without streaming', async () => {
    for (const turn of TURNS) chat.answerNext(chatAnswer(turn).script)
    const runner = client.beta.messages.toolRunner({
      ...task('claude-sonnet-5'),
      tools: [readTemperatureTool, writeReportTool],
    })
    const replies: Anthropic.Beta.BetaMessage[] = []
    for await (const reply of runner) replies.push(reply)

    expect(replies.map(describeReply)).toEqual(EXPECTED_REPLIES)
    expectChatTask(chat.requests)
    const [, ...turns] = await relay.newRecords(4)
    expect(turns.map(({ tokens }) => tokens)).toMatchObject(EXPECTED_TOKENS)
    expect(turns.every(({ isStream }) => !isStream)).toBe(true)
  })

  test('the usage that the client sees is the upstream’s, with cached tokens counted once', async () => {
    chat.answer(chatAnswer({ text: 'Yes.', inputTokens: 900, cachedTokens: 640, outputTokens: 12 }).script)
    const streamed = await client.beta.messages.stream(task('claude-sonnet-5')).finalMessage()
    const whole = await client.beta.messages.create(task('claude-sonnet-5'))

    const usage = { input_tokens: 260, cache_read_input_tokens: 640, output_tokens: 12 }
    expect(streamed.usage).toMatchObject(usage)
    expect(whole.usage).toMatchObject(usage)
    const records = await relay.newRecords(2)
    for (const { tokens } of records)
      expect(tokens).toMatchObject({ inputTokens: 260, cacheReadTokens: 640, outputTokens: 12 })
  })
})

describe('a Claude client at a Claude upstream', () => {
  test('a streamed task passes byte for byte, and the tool runner keeps its thread', async () => {
    for (const turn of TURNS) claude.answerNext(claudeAnswer({ ...turn, id: `msg_${turn.inputTokens}` }).script)
    const wire = recordWire()
    const sdk = new Anthropic({ apiKey: relay.key, baseURL: relay.url, maxRetries: 0, fetch: wire.fetch })
    const runner = sdk.beta.messages.toolRunner({
      ...task('claude-opus-5'),
      stream: true,
      tools: [readTemperatureTool, writeReportTool],
    })
    const replies: Anthropic.Beta.BetaMessage[] = []
    for await (const stream of runner) replies.push(await stream.finalMessage())

    expect(replies.map(describeReply)).toEqual(EXPECTED_REPLIES)
    expect(claude.requests.map(({ body }) => body.toString())).toEqual(wire.requests)
    expect(wire.answers).toEqual(TURNS.map((turn) => claudeAnswer({ ...turn, id: `msg_${turn.inputTokens}` }).sse))
    expect(claude.requests.map(({ json }) => json)).toMatchObject([
      { thread: { type: 'create' } },
      { thread: { type: 'continue', previous_message_id: 'msg_1200' } },
      { thread: { type: 'continue', previous_message_id: 'msg_1330' } },
    ])
    const turns = await relay.newRecords(3)
    expect(turns.map(({ tokens }) => tokens)).toMatchObject(EXPECTED_TOKENS)
  })

  test('a task without streaming passes byte for byte', async () => {
    for (const turn of TURNS) claude.answerNext(claudeAnswer(turn).script)
    const wire = recordWire()
    const sdk = new Anthropic({ apiKey: relay.key, baseURL: relay.url, maxRetries: 0, fetch: wire.fetch })
    const runner = sdk.beta.messages.toolRunner({
      ...task('claude-opus-5'),
      thread: false,
      tools: [readTemperatureTool, writeReportTool],
    })
    const replies: Anthropic.Beta.BetaMessage[] = []
    for await (const reply of runner) replies.push(reply)

    expect(replies.map(describeReply)).toEqual(EXPECTED_REPLIES)
    expect(claude.requests.map(({ body }) => body.toString())).toEqual(wire.requests)
    expect(wire.answers).toEqual(TURNS.map((turn) => JSON.stringify(claudeAnswer(turn).json)))
    const turns = await relay.newRecords(3)
    expect(turns.map(({ tokens }) => tokens)).toMatchObject(EXPECTED_TOKENS)
  })

  test('version and beta headers reach the upstream, the relay key does not', async () => {
    claude.answer(claudeAnswer().script)
    await client.beta.messages.create({ ...task('claude-opus-5'), betas: ['context-1m-2025-08-07'] })
    const [request] = claude.requests
    expect(request?.headers).toMatchObject({
      'anthropic-version': '2026-10-21',
      'anthropic-beta': 'context-1m-2025-08-07',
      'x-api-key': 'upstream-credential-0001',
    })
    expect(JSON.stringify(request?.rawHeaders)).not.toContain(relay.key)
    await relay.newRecords(1)
  })
})

test('the sums of the store are the sums of what the upstreams reported', async () => {
  const before = await readUsed()
  for (const turn of TURNS) chat.answerNext(chatAnswer(turn).script)
  while (chat.requests.length < TURNS.length) await client.beta.messages.create(task('claude-sonnet-5'))
  await relay.newRecords(3)
  const after = await readUsed()
  expect(after.input_tokens - before.input_tokens).toBe(TOTALS.uncached)
  expect(after.cache_read_tokens - before.cache_read_tokens).toBe(TOTALS.cached)
  expect(after.output_tokens - before.output_tokens).toBe(TOTALS.output)
})

/** What the relay says that its key has used. */
async function readUsed(): Promise<Record<'input_tokens' | 'cache_read_tokens' | 'output_tokens', number>> {
  const headers = { authorization: `Bearer ${relay.key}` }
  const response = await fetch(`${relay.url}/v1/relay/key`, { headers })
  const { used } = (await response.json()) as { used: Awaited<ReturnType<typeof readUsed>> } // its own format
  return used
}

const EXPECTED_TOKENS = TURNS.map(({ inputTokens, cachedTokens = 0, outputTokens }) => ({
  inputTokens: inputTokens - cachedTokens,
  cacheReadTokens: cachedTokens,
  outputTokens,
}))

const EXPECTED_REPLIES = TURNS.map(({ text, toolCalls = [] }) => ({
  text: text ?? '',
  calls: toolCalls.map(({ id, name, arguments: input }) => ({ id, name, input })),
  stop: toolCalls.length > 0 ? 'tool_use' : 'end_turn',
}))

function describeReply({ content, stop_reason }: Anthropic.Beta.BetaMessage): object {
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    stop: stop_reason,
  }
}

/** What the Chat upstream was asked, turn by turn: names, ids and order of calls and results, image and file. */
function expectChatTask(requests: readonly RecordedRequest[]): void {
  expect(requests).toHaveLength(TURNS.length)
  const [first, second, third] = requests.map(({ json }) => json)
  const question = [
    { type: 'text', text: QUESTION },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL_PNG}` } },
    { type: 'file', file: { filename: 'towns.pdf', file_data: `data:application/pdf;base64,${PLAIN_PDF}` } },
  ]
  expect(first).toMatchObject({
    model: 'gpt-5.2',
    messages: [
      { role: 'developer', content: 'Be exact.' },
      { role: 'user', content: question },
    ],
    tools: [{ function: { name: 'read_temperature' } }, { function: { name: 'write_report' } }],
  })
  const afterFirst = [
    { role: 'assistant', tool_calls: [CALL_A, CALL_B].map(wireCall) },
    { role: 'tool', tool_call_id: CALL_A.id, content: readTemperature('Zürich') },
    { role: 'tool', tool_call_id: CALL_B.id, content: readTemperature('名古屋') },
  ]
  expect((second as { messages: unknown[] }).messages.slice(2)).toMatchObject(afterFirst)
  expect((third as { messages: unknown[] }).messages.slice(2)).toMatchObject([
    ...afterFirst,
    { role: 'assistant', tool_calls: [wireCall(CALL_C)] },
    { role: 'tool', tool_call_id: CALL_C.id, content: REPORT_SAVED },
  ])
}

function wireCall(call: CannedToolCall): object {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } }
}
