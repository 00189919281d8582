import { existsSync, readdirSync, readFileSync } from 'node:fs'

import { describe, expect, it, test } from 'vitest'

import { createConverter } from '../src/index.ts'
import type { JsonObject } from '../src/model/json.ts'
import { inputTotal } from '../src/model/usage.ts'
import { openaiChat } from '../src/openai-chat/index.ts'
import type { Loose } from '../src/testing/loose.ts'
import { judgeMessagesStream } from '../src/testing/messages-judge.ts'

/** Exchanges with real providers; they are not part of the repository. */
const FOLDER = new URL('../../../../shared/recorded/openai-chat/', import.meta.url)

interface Recording {
  readonly id: string
  readonly request?: JsonObject
  readonly response: { readonly status: number; readonly body?: JsonObject; readonly sse?: readonly string[] }
}

function readRecordings(): readonly Recording[] {
  if (!existsSync(FOLDER)) {
    process.stdout.write('no recorded Chat exchanges beside the repository; nothing to compare with\n')
    return []
  }
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
  return names.map((name) => ({ id: name, ...JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) }))
}

const recordings = readRecordings()
const answers = recordings.filter(({ response }) => response.status === 200 && response.body !== undefined)
const streams = recordings.filter(({ response }) => response.status === 200 && response.sse !== undefined)
const requests = recordings.filter(({ request }) => request !== undefined)

const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-chat' })
const REQUEST = { model: 'requested-model', max_tokens: 100, messages: [{ role: 'user', content: 'x' }] }

/** The text that a message of Chat holds, wherever its dialect puts it. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return Array.isArray(content) ? content.map((part) => part.text ?? '').join('') : ''
}

describe('recorded Chat exchanges', () => {
  it('are found, or their absence is said', () => {
    expect(existsSync(FOLDER)).toBe(recordings.length > 0)
  })

  test.for(answers)('answer $id keeps text, calls and usage for a Messages client', ({ response }) => {
    const body: Loose = response.body
    const converted = converter.exchange(REQUEST).response(body)
    const [choice] = body.choices
    const blocks: Loose = converted.body['content']
    const text = blocks.filter((block: Loose) => block.type === 'text').map((block: Loose) => block.text)
    expect(text.join('')).toBe(textOf(choice.message.content))
    const calls = blocks
      .filter((block: Loose) => block.type === 'tool_use')
      .map((block: Loose) => [block.name, block.input])
    const sent = (choice.message.tool_calls ?? []).map((call: Loose) => [
      call.function.name,
      JSON.parse(call.function.arguments),
    ])
    expect(calls).toEqual(sent)
    expect(inputTotal(converted.usage ?? {})).toBe(body.usage.prompt_tokens)
  })

  test.for(streams)('stream $id becomes a stream that the Anthropic SDK accepts', async ({ response: { sse } }) => {
    const source = (sse ?? []).join('')
    const stream = converter.exchange({ ...REQUEST, stream: true }).stream()
    const output = stream.push(new TextEncoder().encode(source)) + stream.end()
    expect(stream.error).toBeUndefined()
    const message = await judgeMessagesStream(output)
    const chunks = source
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)))
    const sent = chunks.map((chunk) => textOf(chunk.choices[0]?.delta?.content)).join('')
    const text = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    expect(text).toBe(sent)
    expect(message.usage.output_tokens).toBeGreaterThan(0)
  })

  test.for(requests)('request $id is read without an unknown field that is not reported', ({ request }) => {
    const losses: unknown[] = []
    const messages: Loose = request?.['messages']
    const decoded = openaiChat.decodeRequest(request ?? {}, { report: (loss) => losses.push(loss) })
    expect(decoded.turns).toHaveLength(messages.length)
  })

  test.for(requests)('request $id goes to a Messages upstream, or is refused by name', ({ request }) => {
    const back = createConverter({ client: 'openai-chat', upstream: 'anthropic-messages' })
    const sent = attempt(() => back.exchange(request ?? {}).request)
    const refused = { kind: 'unsupported_feature', param: expect.stringMatching(/^\//) }
    const isRefusable = Number(request?.['n'] ?? 1) > 1 || JSON.stringify(request).includes('"input_audio"')
    const converted = { messages: expect.any(Array), max_tokens: expect.any(Number) }
    expect(sent).toMatchObject(isRefusable ? refused : converted)
  })
})

function attempt(step: () => unknown): unknown {
  try {
    return step()
  } catch (error) {
    return error
  }
}
