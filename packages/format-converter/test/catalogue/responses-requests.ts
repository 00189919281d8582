import type { JsonObject } from '../../src/model/json.ts'
import {
  CHAT_TO_RESPONSES,
  MESSAGES_TO_RESPONSES,
  RESPONSES_TO_CHAT,
  RESPONSES_TO_MESSAGES,
  sendRequest,
} from '../../src/testing/responses-judge.ts'

/** A request on its way, and what it lost. */
export type Sent = ReturnType<typeof sendRequest>

/** A Messages request to a Responses upstream. */
export function fromMessages(body: JsonObject, model = 'gpt-5.2'): Sent {
  const request = { model, max_tokens: 100, messages: [{ role: 'user', content: 'x' }], ...body }
  return sendRequest({ ...RESPONSES_TO_MESSAGES, model }, request)
}

/** A Chat request to a Responses upstream. */
export function fromChat(body: JsonObject, model = 'gpt-4.1'): Sent {
  return sendRequest({ ...RESPONSES_TO_CHAT, model }, { model, messages: [{ role: 'user', content: 'x' }], ...body })
}

/** A Responses request to a Messages upstream. */
export function toMessages(body: JsonObject, model = 'claude-opus-5'): Sent {
  return sendRequest({ ...MESSAGES_TO_RESPONSES, model }, { model, input: 'x', ...body })
}

/** A Responses request to a Chat upstream. */
export function toChat(body: JsonObject): Sent {
  return sendRequest(CHAT_TO_RESPONSES, { model: 'some-model', input: 'x', ...body })
}

/** Codes of the losses, without those that mean nothing. */
export function codesOfSent({ losses }: Sent): string[] {
  return losses.filter(({ level }) => level !== 'info').map(({ code }) => code)
}

export const CALL: JsonObject = { type: 'function_call', call_id: 'call_1', name: 'w', arguments: '{"q":1}' }
export const OUTPUT: JsonObject = { type: 'function_call_output', call_id: 'call_1', output: 'done' }
export const TOOL: JsonObject = { type: 'function', name: 'w', parameters: { type: 'object', properties: {} } }
