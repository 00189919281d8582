import { describe, expect, it } from 'vitest'

import { decodeFailure } from '../../src/index.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { openaiResponses } from '../../src/openai-responses/index.ts'
import type { Loose } from '../../src/testing/loose.ts'
import {
  CHAT_TO_RESPONSES,
  convertBody,
  RESPONSES_TO_CHAT,
  RESPONSES_TO_MESSAGES,
} from '../../src/testing/responses-judge.ts'
import { CALL } from './responses-requests.ts'

function answer(output: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model: 'm',
    output,
    usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
    ...more,
  }
}

function usageOf(counts: JsonObject): Loose {
  return openaiResponses.decodeUsage(counts)
}

describe('6.7 Responses answers, usage and errors', () => {
  it('EC-174 EC-176 empty and double-encoded arguments become objects for a Messages client', () => {
    const made = [
      { ...CALL, arguments: '' },
      { ...CALL, call_id: 'call_2', arguments: JSON.stringify('{"q":1}') },
    ]
    const { content } = convertBody(RESPONSES_TO_MESSAGES, answer(made))
    expect(content.map((block: Loose) => block.input)).toEqual([{}, { q: 1 }])
  })

  it('EC-177 long integers keep their digits', () => {
    const text = '{"id":12345678901234567890}'
    const body = convertBody(RESPONSES_TO_CHAT, answer([{ ...CALL, arguments: text }]))
    expect(body.choices[0].message.tool_calls[0].function.arguments).toBe(text)
  })

  it('EC-179 EC-180 EC-181 cached and reasoning tokens are counted once', () => {
    const cached = usageOf({
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
      output_tokens: 5,
    })
    expect(cached).toMatchObject({ inputUncached: 10, cacheRead: 60, cacheWriteOther: 30 })
    expect(usageOf({ input_tokens: 10, input_tokens_details: { cached_tokens: 60 }, output_tokens: 5 })).toMatchObject({
      inputUncached: 10,
      cacheRead: 60,
      isInconsistent: true,
    })
    expect(
      usageOf({ input_tokens: 10, output_tokens: 5, output_tokens_details: { reasoning_tokens: 8 } }),
    ).toMatchObject({ output: 13, reasoning: 8 })
  })

  it('EC-184 total_tokens is the sum of what is shown', () => {
    const body = convertBody(CHAT_TO_RESPONSES, {
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hi' } }],
      usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 99 },
    })
    expect(body.usage.total_tokens).toBe(10)
  })

  it('EC-186 EC-192 EC-193 errors speak the format, and a bad account is never the client', () => {
    expect(openaiResponses.encodeError({ kind: 'upstream_auth', message: 'x' }, undefined)).toEqual({
      status: 502,
      body: { error: { message: 'x', type: 'server_error', param: null, code: 'upstream_auth' } },
    })
    expect(openaiResponses.encodeError({ kind: 'previous_response_not_found', message: 'x' }, undefined)).toMatchObject(
      {
        status: 400,
        body: { error: { code: 'previous_response_not_found', param: 'previous_response_id' } },
      },
    )
    const stale = decodeFailure(400, {
      error: { message: 'The encrypted content could not be verified.', code: 'invalid_encrypted_content' },
    })
    expect(stale).toMatchObject({ kind: 'invalid_request', repair: 'strip-reasoning' })
  })

  it('EC-195 the model that the client asked for is the one it sees', () => {
    expect(
      convertBody(CHAT_TO_RESPONSES, {
        id: 'c',
        object: 'chat.completion',
        model: 'up',
        choices: [{ index: 0, finish_reason: 'stop', message: { content: 'x' } }],
      }).model,
    ).toBe('requested-model')
  })
})
