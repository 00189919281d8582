import type { FormatName } from '@relay/format-converter'

/** Bytes after which a body that has not shown its family is read as what was expected. */
export const RECOGNITION_BYTES = 4096

/**
 * Recognises the format of an upstream's body from its first bytes or its parsed JSON.
 *
 * An error object says nothing about the family (all decoders read all error shapes) and counts as expected.
 *
 * @param seen - the bytes so far, or the parsed body
 * @param expected - the format that the account's settings promise
 * @returns the format; `undefined` when the bytes so far do not decide it: ask again with more, and at the end take `expected`
 */
export function recogniseAnswerFormat(seen: Uint8Array | object, expected: FormatName): FormatName | undefined {
  if (!(seen instanceof Uint8Array)) return recogniseObject(seen) ?? expected
  const text = new TextDecoder().decode(seen.subarray(0, RECOGNITION_BYTES))
  const recognised = recogniseText(text)
  if (recognised !== undefined) return recognised
  return isDecided(text, seen.length) ? expected : undefined
}

function recogniseObject(body: object): FormatName | undefined {
  const object = own(body, 'object')
  const type = own(body, 'type')
  if (object === 'response' || startsWith(type, 'response.')) return 'openai-responses'
  if (startsWith(object, 'chat.completion') || Array.isArray(own(body, 'choices'))) {
    return 'openai-chat'
  }
  if (type === 'message' || type === 'message_start') return 'anthropic-messages'
  return undefined
}

/**
 * A key is only believed with its quote unescaped, so that an answer that *talks about* a format
 * is not taken for it. The order matters: a Responses body holds items of type `message`.
 */
const SIGNS: readonly (readonly [RegExp, FormatName])[] = [
  [/^event: ?response\./m, 'openai-responses'],
  [/(?<!\\)"object"\s*:\s*"response"/, 'openai-responses'],
  [/(?<!\\)"type"\s*:\s*"response\./, 'openai-responses'],
  [/(?<!\\)"object"\s*:\s*"chat\.completion/, 'openai-chat'],
  [/(?<!\\)"choices"\s*:\s*\[/, 'openai-chat'],
  [/^event: ?message_start/m, 'anthropic-messages'],
  [/(?<!\\)"type"\s*:\s*"message(?:_start)?"/, 'anthropic-messages'],
]

function recogniseText(text: string): FormatName | undefined {
  return SIGNS.find(([sign]) => sign.test(text))?.[1]
}

/** Whether waiting for more bytes is pointless. */
function isDecided(text: string, bytes: number): boolean {
  if (bytes >= RECOGNITION_BYTES) return true
  // The first event that carries data is complete and has no sign of another family.
  return /^data:.*\r?\n\r?\n/m.test(text) && !/^data: ?\{"type": ?"ping"/m.test(text)
}

function own(body: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(body, key)?.value
}

function startsWith(value: unknown, prefix: string): boolean {
  return typeof value === 'string' && value.startsWith(prefix)
}
