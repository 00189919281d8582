import { expect, test } from 'vitest'

import type { JsonObject } from '../src/index.ts'
import { open } from './support/exchanges.ts'
import type { Format } from './support/pairs.ts'

const user = (...content: readonly JsonObject[]): JsonObject => ({
  messages: [{ role: 'user', content: [...content] }],
})
const compaction: JsonObject = { type: 'compaction', encrypted_content: 'x' }

/** Each refusal has a name that programs and searches find, whatever its sentence. */
const REFUSED: readonly (readonly [name: string, client: Format, request: JsonObject])[] = [
  ['empty_input', 'openai-chat', user({ type: 'text', text: ' ' })],
  ['prewarm_unsupported', 'anthropic-messages', { max_tokens: 0 }],
  ['n_unsupported', 'openai-chat', { n: 2 }],
  ['audio_unsupported', 'openai-chat', user({ type: 'input_audio', input_audio: { data: 'x', format: 'wav' } })],
  ['state_unsupported', 'openai-responses', { previous_response_id: 'resp_1' }],
  ['state_unsupported', 'openai-responses', { conversation: 'conv_1' }],
  ['state_unsupported', 'openai-responses', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
  ['state_not_portable', 'openai-responses', { input: [compaction, { role: 'user', content: 'x' }] }],
  ['file_not_portable', 'anthropic-messages', user({ type: 'container_upload', file_id: 'file_1' })],
  ['file_not_portable', 'openai-chat', user({ type: 'file', file: { file_id: 'file-1' } })],
  [
    'media_type_unsupported',
    'openai-chat',
    user({ type: 'image_url', image_url: { url: 'data:image/bmp;base64,Qk0=' } }),
  ],
  ['tool_unsupported', 'anthropic-messages', { tools: [{ type: 'computer_20250124', name: 'computer' }] }],
]

test.each(REFUSED)('a refusal names itself: %s (%s, %j)', (name, client, request) => {
  const upstream = client === 'anthropic-messages' ? 'openai-chat' : 'anthropic-messages'
  expect(() => open({ client, upstream, request })).toThrow(`(${name})`)
})
