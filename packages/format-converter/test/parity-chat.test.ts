import { existsSync, readdirSync, readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../src/index.ts'
import type { Loose } from '../src/testing/loose.ts'
import {
  CHAT_TO_MESSAGES,
  chatSse,
  chunk,
  convertStream,
  convertWhole,
  judgeMessagesStream,
} from './catalogue/harness.ts'

const USAGE = { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29, prompt_tokens_details: { cached_tokens: 4 } }

function answer(message: JsonObject, finishReason: string | null = 'stop', rest: JsonObject = {}): JsonObject {
  const choice = {
    index: 0,
    message: { role: 'assistant', content: null, ...message },
    finish_reason: finishReason,
    ...rest,
  }
  return { id: 'c1', object: 'chat.completion', created: 1, model: 'up-model', choices: [choice], usage: USAGE }
}

const call = (id: string, text: string): JsonObject => ({
  id,
  type: 'function',
  function: { name: 'w', arguments: text },
})

const ANSWERS: Readonly<Record<string, JsonObject>> = {
  text: answer({ content: 'Grüße, 世界 😀!' }),
  nothing: answer({ content: '' }),
  'reasoning and text': answer({ content: 'Hi', reasoning_content: 'why' }),
  'sealed reasoning': answer({
    content: 'Hi',
    reasoning: 'why',
    reasoning_details: [{ type: 'reasoning.text', text: 'why', signature: 'S', index: 0 }],
  }),
  'two calls': answer(
    { content: 'Looking.', tool_calls: [call('call_a', '{"n":1}'), call('call_b', '{"n":2}')] },
    'tool_calls',
  ),
  'a call that ends with stop': answer({ tool_calls: [call('call_a', '{}')] }),
  'a call with empty arguments': answer({ tool_calls: [call('call_a', '')] }, 'tool_calls'),
  'a legacy call': answer({ function_call: { name: 'w', arguments: '{"n":1}' } }, 'function_call'),
  'a refusal': answer({ refusal: 'I cannot.' }),
  'a filtered answer': answer({ content: 'Hi' }, 'content_filter'),
  'a cut answer': answer({ content: 'Hi' }, 'length'),
  citations: answer({
    content: 'Hi',
    annotations: [
      { type: 'url_citation', url_citation: { url: 'https://a.example', title: 'A', start_index: 0, end_index: 2 } },
    ],
  }),
  'a phantom call': answer({ content: 'Hi' }, 'tool_calls'),
}

/** The whole message as a server would stream it: text and arguments in small pieces, in the order of the members. */
function streamOf(body: JsonObject): string {
  const [choice] = (body as Loose).choices
  const { tool_calls: calls, function_call: legacy, content, reasoning_content: why, ...rest } = choice.message
  const deltas: JsonObject[] = [{ role: 'assistant', content: null }]
  for (const piece of pieces(why)) deltas.push({ reasoning_content: piece })
  const { annotations, refusal, ...others } = rest
  deltas.push(others)
  for (const piece of pieces(content)) deltas.push({ content: piece })
  for (const piece of pieces(refusal)) deltas.push({ refusal: piece })
  if (annotations !== undefined) deltas.push({ annotations })
  for (const [index, made] of (calls ?? []).entries()) {
    deltas.push({ tool_calls: [{ index, ...made, function: { ...made.function, arguments: '' } }] })
    for (const piece of pieces(made.function.arguments))
      deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] })
  }
  if (legacy != null) deltas.push({ function_call: legacy })
  const last = chunk({}, choice.finish_reason)
  return chatSse(...deltas.map((delta) => chunk(delta)), last, { choices: [], usage: body['usage'] ?? null })
}

function pieces(text: unknown): string[] {
  return typeof text === 'string' ? (text.match(/[\s\S]{1,3}/gu) ?? []) : []
}

/** Without what `message_delta` cannot carry. */
function comparable(message: Loose): Loose {
  const { cache_creation: _made, service_tier: _tier, speed: _speed, inference_geo: _where, ...usage } = message.usage
  return JSON.parse(JSON.stringify({ ...message, usage }))
}

/** Whole answers of real providers whose message is plain enough to be streamed by the rule above. */
function recordedAnswers(): Record<string, JsonObject> {
  const folder = new URL('../../../../shared/recorded/openai-chat/', import.meta.url)
  if (!existsSync(folder)) {
    process.stdout.write('no recorded Chat exchanges beside the repository; parity is tried on built answers only\n')
    return {}
  }
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  const found = names.map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')).response] as const)
  const plain = found.filter(
    ([, { status, body }]) =>
      status === 200 && !Array.isArray(body?.choices[0].message.content) && body?.choices[0].finish_reason !== '',
  )
  return Object.fromEntries(plain.filter(([, { body }]) => body !== undefined).map(([name, { body }]) => [name, body]))
}

describe('a Chat answer is the same for a Messages client, streamed or whole', () => {
  it.for(Object.entries({ ...ANSWERS, ...recordedAnswers() }))('%s', async ([, body]) => {
    const whole = convertWhole(CHAT_TO_MESSAGES, body).body
    const streamed = await judgeMessagesStream(convertStream(CHAT_TO_MESSAGES, streamOf(body)).text)
    expect(comparable(streamed)).toEqual(comparable(whole))
  })
})
