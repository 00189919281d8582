import { existsSync, readdirSync, readFileSync } from 'node:fs'

import { describe, expect, it, test } from 'vitest'

import type { JsonObject } from '../src/model/json.ts'
import { inputTotal } from '../src/model/usage.ts'
import { openaiResponses } from '../src/openai-responses/index.ts'
import { judgeChatStream } from '../src/testing/chat-judge.ts'
import type { Loose } from '../src/testing/loose.ts'
import { judgeMessagesStream } from '../src/testing/messages-judge.ts'
import {
  convertBody,
  convertSse,
  foldBody,
  judgeResponsesStream,
  RESPONSES_TO_CHAT,
  RESPONSES_TO_MESSAGES,
  RESPONSES_TO_RESPONSES,
  sendRequest,
} from '../src/testing/responses-judge.ts'

/** Exchanges with real providers; they are not part of the repository. */
const FOLDER = new URL('../../../../shared/recorded/openai-responses/', import.meta.url)

interface Recording {
  readonly id: string
  readonly request?: JsonObject
  readonly response: { readonly status: number; readonly body?: JsonObject; readonly sse?: readonly string[] }
}

function readRecordings(): readonly Recording[] {
  if (!existsSync(FOLDER)) {
    process.stdout.write('no recorded Responses exchanges beside the repository; nothing to compare with\n')
    return []
  }
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
  return names.map((name) => ({ ...JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')), id: name }))
}

const recordings = readRecordings()
const bodies = recordings.filter(({ response }) => response.status === 200 && response.body !== undefined)
const answers = bodies.filter(({ response }) => response.body?.['status'] !== 'queued')
const queued = bodies.filter((recording) => !answers.includes(recording))
const streams = recordings.filter(({ response }) => response.status === 200 && response.sse !== undefined)
const SHELLS = [{ type: 'shell' }, { type: 'local_shell' }, { type: 'apply_patch' }]
const PROOFS = ['reasoning.encrypted_content']
const requests = recordings.filter(({ request }) => request !== undefined)

/** All text that a response says, refusals included. */
function textOf(response: Loose): string {
  const messages = response.output.filter((item: Loose) => item.type === 'message')
  return messages.flatMap((item: Loose) => item.content.map((part: Loose) => part.text ?? part.refusal)).join('')
}

/** The same for a Chat client: messages are paragraphs. */
function paragraphsOf(response: Loose): string {
  const messages = response.output.filter((item: Loose) => item.type === 'message')
  return messages
    .map((item: Loose) => item.content.map((part: Loose) => part.text).join(''))
    .filter((text: string) => text !== '')
    .join('\n\n')
}

/** Calls that the client has to execute. */
function callsOf(response: Loose): unknown[] {
  return response.output
    .filter((item: Loose) => item.type === 'function_call' || item.type === 'custom_tool_call')
    .map((item: Loose) => [item.call_id, item.name, item.arguments ?? item.input])
}

/** Types of the items; a reasoning without text and proof says nothing and is left out. */
function typesOf(response: Loose): unknown[] {
  return response.output.filter((item: Loose) => !isEmptyReasoning(item)).map((item: Loose) => item.type)
}

function isEmptyReasoning(item: Loose): boolean {
  return item.type === 'reasoning' && item.summary.length === 0 && !item.content?.length && !item.encrypted_content
}

function eventsOf(sse: readonly string[]): Loose[] {
  return sse
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)))
}

/** What a stream says by itself: its finished items, and the response that it ends with. */
function finalOf(sse: readonly string[]): Loose {
  const events = eventsOf(sse)
  const output = events.filter((event) => event.type === 'response.output_item.done').map((event) => event.item)
  return { ...events.at(-1).response, output }
}

describe('recorded Responses exchanges', () => {
  it('are found, or their absence is said', () => {
    expect(existsSync(FOLDER)).toBe(recordings.length > 0)
  })

  test.for(answers)('answer $id keeps text, calls and usage in every format', ({ request, response }) => {
    const body: Loose = response.body
    const answer = foldBody(RESPONSES_TO_MESSAGES, body)
    expect(inputTotal(answer.usage ?? {})).toBe(body.usage.input_tokens)
    const messages = convertBody(RESPONSES_TO_MESSAGES, body)
    expect(
      messages.content
        .filter((block: Loose) => block.type === 'text')
        .map((block: Loose) => block.text)
        .join(''),
    ).toBe(textOf(body))
    const chat = convertBody(RESPONSES_TO_CHAT, body).choices[0].message
    expect(chat.content ?? '').toBe(paragraphsOf(body))
    const again = convertBody(
      { ...RESPONSES_TO_RESPONSES, clientRequest: { ...request, include: PROOFS, tools: SHELLS } },
      body,
    )
    expect(textOf(again)).toBe(textOf(body))
    expect(callsOf(again)).toEqual(callsOf(body))
    expect(typesOf(again)).toEqual(typesOf(body))
    expect(again.usage).toMatchObject({
      input_tokens: body.usage.input_tokens,
      output_tokens: body.usage.output_tokens,
    })
  })

  test.for(queued)('answer $id is not finished, and so is no answer', ({ response: { body = {} } }) => {
    expect(() => foldBody(RESPONSES_TO_MESSAGES, body)).toThrow('not finished')
  })

  test.for(streams)('stream $id becomes streams that the official SDKs accept', async ({ response: { sse = [] } }) => {
    const source = sse.join('')
    const final = finalOf(sse)
    const messages = convertSse(RESPONSES_TO_MESSAGES, source)
    expect(messages.stream.error).toBeUndefined()
    const message = await judgeMessagesStream(messages.text)
    expect(message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')).toBe(textOf(final))
    const chat = await judgeChatStream(convertSse(RESPONSES_TO_CHAT, source).text)
    expect(chat.choices[0]?.message.content ?? '').toBe(paragraphsOf(final))
    const again = await judgeResponsesStream(convertSse(RESPONSES_TO_RESPONSES, source).text)
    expect(textOf(again)).toBe(textOf(final))
    expect(callsOf(again)).toEqual(callsOf(final))
    expect(typesOf(again)).toEqual(typesOf(final))
  })

  test.for(streams)('stream $id says the same as the response that it ends with', ({ response: { sse = [] } }) => {
    const streamed = convertSse(RESPONSES_TO_RESPONSES, sse.join('')).events.at(-1).response
    const whole = convertBody(RESPONSES_TO_RESPONSES, finalOf(sse))
    expect(streamed).toEqual(whole)
  })

  test.for(requests)(
    'request $id goes to a Messages and a Chat upstream, or is refused by name',
    ({ request = {} }) => {
      const refused = { kind: 'unsupported_feature', param: expect.stringMatching(/^\//) }
      const carried = { messages: expect.any(Array) }
      const expected = isRefusable(request) ? refused : carried
      for (const upstream of ['anthropic-messages', 'openai-chat'] as const) {
        expect(attempt(() => sendRequest({ client: 'openai-responses', upstream }, request).body)).toMatchObject(
          expected,
        )
      }
    },
  )

  test.for(requests)('request $id is read without a field that is lost silently', ({ request = {} }) => {
    const losses: unknown[] = []
    const decoded = openaiResponses.decodeRequest(request, { report: (loss) => losses.push(loss) })
    const told = JSON.stringify([decoded, losses])
    for (const value of stringsOf(request['input'])) expect(told).toContain(JSON.stringify(value).slice(1, -1))
  })
})

/** What only the upstream that keeps it can look up. */
function isRefusable(request: JsonObject): boolean {
  const asksForState = ['previous_response_id', 'conversation', 'background', 'prompt'].some((name) =>
    Boolean(request[name]),
  )
  return asksForState || /"type":"(?:compaction|item_reference)"|"file_id":"/.test(JSON.stringify(request['input']))
}

/** Every text of the user in an input. */
function stringsOf(input: unknown): string[] {
  if (typeof input === 'string') return [input]
  const items: Loose[] = Array.isArray(input) ? input : []
  return items.flatMap((item) => {
    if (typeof item.content === 'string') return [item.content]
    return (item.content ?? []).map((part: Loose) => part.text).filter((text: unknown) => typeof text === 'string')
  })
}

function attempt(step: () => unknown): unknown {
  try {
    return step()
  } catch (error) {
    return error
  }
}
