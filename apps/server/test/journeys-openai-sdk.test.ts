import { chatAnswer, claudeAnswer, startFakeUpstream } from '@relay/upstreams/testing'
import type { CannedToolCall, FakeUpstream, RecordedRequest } from '@relay/upstreams/testing'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import {
  CALL_A,
  CALL_B,
  CALL_C,
  OPENING,
  PIXEL_PNG,
  PLAIN_PDF,
  QUESTION,
  readTemperature,
  REPORT_SAVED,
  REPORT_SCHEMA,
  TEMPERATURE_SCHEMA,
  TURNS,
} from './agent-task.ts'
import { startRelayProcess, type RelayProcess } from './process-harness.ts'
import { recordWire } from './record-wire.ts'

let chat: FakeUpstream
let claude: FakeUpstream
let relay: RelayProcess
let client: OpenAI

beforeAll(async () => {
  chat = await startFakeUpstream()
  claude = await startFakeUpstream()
  const credential = 'upstream-credential-0001'
  relay = await startRelayProcess([
    { name: 'chat', type: 'openai-chat', baseUrl: chat.url, credential, models: { 'gpt-5.2': 'gpt-5.2' } },
    { name: 'claude', type: 'claude-console', baseUrl: claude.url, credential, models: { 'gpt-6': 'claude-sonnet-5' } },
  ])
  client = new OpenAI({ apiKey: relay.key, baseURL: `${relay.url}/v1`, maxRetries: 0 })
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

const tools = [
  {
    type: 'function',
    function: {
      name: 'read_temperature',
      description: 'Reads a thermometer',
      parameters: TEMPERATURE_SCHEMA,
      parse: (text: string): { city: string } => JSON.parse(text),
      function: ({ city }: { city: string }): string => readTemperature(city),
    },
  },
  {
    type: 'function',
    function: {
      name: 'write_report',
      description: 'Writes a report',
      parameters: REPORT_SCHEMA,
      parse: (text: string): { lines: string[] } => JSON.parse(text),
      function: (): string => REPORT_SAVED,
    },
  },
] as const

function messages(): OpenAI.ChatCompletionMessageParam[] {
  return [
    { role: 'system', content: 'Be exact.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: QUESTION },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL_PNG}` } },
        { type: 'file', file: { filename: 'towns.pdf', file_data: `data:application/pdf;base64,${PLAIN_PDF}` } },
      ],
    },
  ]
}

/** Runs the whole task with the SDK's own loop. */
async function runTask(sdk: OpenAI, model: string, isStream: boolean): Promise<OpenAI.ChatCompletion[]> {
  const request = { model, messages: messages(), tools: [...tools] }
  const runner = isStream
    ? sdk.chat.completions.runTools({ ...request, stream: true, stream_options: { include_usage: true } } as never)
    : sdk.chat.completions.runTools(request as never)
  await runner.done()
  return runner.allChatCompletions()
}

describe('an OpenAI client at a Claude upstream', () => {
  test.for([true, false])('completes a task with parallel calls, an image and a PDF (stream: %s)', async (isStream) => {
    for (const turn of TURNS) claude.answerNext(claudeAnswer(turn).script)
    const completions = await runTask(client, 'gpt-6', isStream)

    expect(completions.map(describeCompletion)).toEqual(EXPECTED_COMPLETIONS)
    expectClaudeTask(claude.requests)
    const turns = await relay.newRecords(TURNS.length)
    expect(turns.map(({ tokens }) => tokens)).toMatchObject(EXPECTED_TOKENS)
    expect(turns).toMatchObject(
      TURNS.map(() => ({
        reason: 'completed',
        usageSource: 'reported',
        upstreamFormat: 'anthropic-messages',
        isStream,
      })),
    )
  })

  test('the usage that the client sees is the upstream’s, with cached tokens counted once', async () => {
    claude.answer(claudeAnswer({ text: 'Yes.', inputTokens: 900, cachedTokens: 640, outputTokens: 12 }).script)
    const request = { model: 'gpt-6', messages: messages() }
    const whole = await client.chat.completions.create(request)
    const stream = client.chat.completions.stream({ ...request, stream_options: { include_usage: true } })
    const streamed = await stream.finalChatCompletion()

    const usage = { prompt_tokens: 900, completion_tokens: 12, total_tokens: 912 }
    expect(whole.usage).toMatchObject({ ...usage, prompt_tokens_details: { cached_tokens: 640 } })
    expect(streamed.usage).toMatchObject({ ...usage, prompt_tokens_details: { cached_tokens: 640 } })
    for (const { tokens } of await relay.newRecords(2))
      expect(tokens).toMatchObject({ inputTokens: 260, cacheReadTokens: 640, outputTokens: 12 })
  })

  test('a stream without include_usage has no usage chunk, and the record has the tokens all the same', async () => {
    claude.answer(claudeAnswer({ text: 'Yes.', inputTokens: 90, outputTokens: 12 }).script)
    const stream = await client.chat.completions.create({ model: 'gpt-6', messages: messages(), stream: true })
    for await (const chunk of stream) {
      expect(chunk.choices).toHaveLength(1)
      expect(chunk.usage ?? null).toBeNull()
    }
    expect(await relay.newRecords(1)).toMatchObject([{ tokens: { inputTokens: 90, outputTokens: 12 } }])
  })
})

describe('an OpenAI client at a Chat upstream', () => {
  test.for([true, false])('a task passes byte for byte (stream: %s)', async (isStream) => {
    for (const turn of TURNS) chat.answerNext(chatAnswer(turn).script)
    const wire = recordWire()
    const sdk = new OpenAI({ apiKey: relay.key, baseURL: `${relay.url}/v1`, maxRetries: 0, fetch: wire.fetch })
    const completions = await runTask(sdk, 'gpt-5.2', isStream)

    expect(completions.map(describeCompletion)).toEqual(EXPECTED_COMPLETIONS)
    expect(chat.requests.map(({ body }) => body.toString())).toEqual(wire.requests)
    const answers = TURNS.map((turn) => chatAnswer(turn)).map(({ sse, json }) =>
      isStream ? sse : JSON.stringify(json),
    )
    expect(wire.answers).toEqual(answers)
    const turns = await relay.newRecords(TURNS.length)
    expect(turns.map(({ tokens }) => tokens)).toMatchObject(EXPECTED_TOKENS)
  })

  test('a stream without include_usage is asked for usage, recorded, and given to the client without it', async () => {
    chat.answer(chatAnswer({ text: 'Yes.', inputTokens: 90, outputTokens: 12 }).script)
    const wire = recordWire()
    const sdk = new OpenAI({ apiKey: relay.key, baseURL: `${relay.url}/v1`, maxRetries: 0, fetch: wire.fetch })
    const stream = await sdk.chat.completions.create({ model: 'gpt-5.2', messages: messages(), stream: true })
    for await (const chunk of stream) expect(chunk.choices).toHaveLength(1)

    const [sent = ''] = wire.requests
    const [request] = chat.requests
    expect(request?.json).toEqual({ ...JSON.parse(sent), stream_options: { include_usage: true } })
    const { sse } = chatAnswer({ text: 'Yes.', withoutStreamUsage: true })
    expect(wire.answers).toEqual([sse])
    expect(await relay.newRecords(1)).toMatchObject([{ tokens: { inputTokens: 90, outputTokens: 12 } }])
  })
})

const EXPECTED_TOKENS = TURNS.map(({ inputTokens, cachedTokens = 0, outputTokens }) => ({
  inputTokens: inputTokens - cachedTokens,
  cacheReadTokens: cachedTokens,
  outputTokens,
}))

const EXPECTED_COMPLETIONS = TURNS.map(({ text, toolCalls = [] }) => ({
  text: text ?? '',
  calls: toolCalls.map(({ id, name, arguments: input }) => ({ id, name, input })),
  finish: toolCalls.length > 0 ? 'tool_calls' : 'stop',
}))

function describeCompletion({ choices }: OpenAI.ChatCompletion): object {
  const [choice] = choices
  const calls = choice?.message.tool_calls ?? []
  return {
    text: choice?.message.content ?? '',
    calls: calls.flatMap((call) =>
      call.type === 'function'
        ? [{ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) }]
        : [],
    ),
    finish: choice?.finish_reason,
  }
}

/** What the Claude upstream was asked, turn by turn: image and document, calls, and their results in one user message. */
function expectClaudeTask(requests: readonly RecordedRequest[]): void {
  expect(requests).toHaveLength(TURNS.length)
  const [first, second = [], third = []] = requests.map(({ json }) => readMessages(json))
  expect(requests[0]?.json).toMatchObject({
    model: 'claude-sonnet-5',
    max_tokens: expect.any(Number),
    system: [{ type: 'text', text: 'Be exact.' }],
    tools: [{ name: 'read_temperature' }, { name: 'write_report' }],
  })
  expect(first).toMatchObject([
    {
      role: 'user',
      content: [
        { type: 'text', text: QUESTION },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL_PNG } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PLAIN_PDF } },
      ],
    },
  ])
  const afterFirst = [
    { role: 'assistant', content: [{ type: 'text', text: OPENING }, wireUse(CALL_A), wireUse(CALL_B)] },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: CALL_A.id },
        { type: 'tool_result', tool_use_id: CALL_B.id },
      ],
    },
  ]
  expect(second.slice(1)).toMatchObject(afterFirst)
  expect(JSON.stringify(second[2])).toContain(readTemperature('Zürich'))
  expect(third.slice(1)).toMatchObject([
    ...afterFirst,
    { role: 'assistant', content: [wireUse(CALL_C)] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: CALL_C.id }] },
  ])
}

function readMessages(body: unknown): readonly unknown[] {
  const { messages } = body as { readonly messages: readonly unknown[] } // what the relay sends in either format
  return messages
}

function wireUse(call: CannedToolCall): object {
  return { type: 'tool_use', id: call.id, name: call.name, input: call.arguments }
}
