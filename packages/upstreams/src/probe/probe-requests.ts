import type { ApiFormat } from '../upstream.ts'

/** The questions of a probe, in the order in which they are asked. */
export type ProbeName =
  | 'stream-usage'
  | 'images'
  | 'parallel-tools'
  | 'system-inside'
  | 'developer-role'
  | 'max-tokens'
  | 'max-completion-tokens'
  | 'count-tokens'

const PROMPT = 'Reply with the single word: pong'
const COUNT_PROMPT = 'Write the numbers from 1 to 60, separated by commas, and nothing else.'
const TOOL_PROMPT = 'Call the tool report_status twice in one turn: once with status "a", once with status "b".'
const SYSTEM = 'Answer as briefly as you can.'

/** Output tokens within which nobody counts to 60. */
const FEW_TOKENS = 16
const MAX_TOKENS = 512

/** A red square of 8 × 8 pixels. */
const PIXELS = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mP4z8CAFTEMLQkAKP8/wc53yE8AAAAASUVORK5CYII='
const IMAGE_URL = `data:image/png;base64,${PIXELS}`

const TOOL_SCHEMA = { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] }

type Body = Readonly<Record<string, unknown>>

/** @returns the body of a question, as JSON; `undefined` where the format does not have it */
export function buildProbeBody(apiFormat: ApiFormat, model: string, name: ProbeName): string | undefined {
  const body = BODIES[apiFormat](name)
  return body === undefined ? undefined : JSON.stringify({ model, ...body })
}

const BODIES: Readonly<Record<ApiFormat, (name: ProbeName) => Body | undefined>> = {
  claude: claudeBody,
  'openai-chat': chatBody,
  'openai-responses': responsesBody,
}

function user(content: unknown): Body {
  return { role: 'user', content }
}

function claudeBody(name: ProbeName): Body | undefined {
  const plain = { max_tokens: MAX_TOKENS, messages: [user(PROMPT)] }
  switch (name) {
    case 'stream-usage':
      return { ...plain, stream: true }
    case 'images': {
      const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXELS } }
      return { ...plain, messages: [user([image, { type: 'text', text: PROMPT }])] }
    }
    case 'parallel-tools': {
      const tool = { name: 'report_status', description: 'Reports a status.', input_schema: TOOL_SCHEMA }
      const choice = { type: 'auto', disable_parallel_tool_use: false }
      return { ...plain, messages: [user(TOOL_PROMPT)], tools: [tool], tool_choice: choice }
    }
    case 'system-inside':
      return { ...plain, messages: insideSystem('system') }
    case 'count-tokens':
      return { messages: [user(PROMPT)] }
    case 'developer-role':
    case 'max-tokens':
    case 'max-completion-tokens':
      return undefined
  }
}

function chatBody(name: ProbeName): Body | undefined {
  const plain = { messages: [user(PROMPT)] }
  switch (name) {
    case 'stream-usage':
      return { ...plain, stream: true, stream_options: { include_usage: true } }
    case 'images': {
      const image = { type: 'image_url', image_url: { url: IMAGE_URL } }
      return { messages: [user([{ type: 'text', text: PROMPT }, image])] }
    }
    case 'parallel-tools': {
      const definition = { name: 'report_status', description: 'Reports a status.', parameters: TOOL_SCHEMA }
      const tools = [{ type: 'function', function: definition }]
      return { messages: [user(TOOL_PROMPT)], tools, parallel_tool_calls: true }
    }
    case 'system-inside':
      return { messages: insideSystem('system') }
    case 'developer-role':
      return { messages: [{ role: 'developer', content: SYSTEM }, user(PROMPT)] }
    case 'max-tokens':
      return { messages: [user(COUNT_PROMPT)], max_tokens: FEW_TOKENS }
    case 'max-completion-tokens':
      return { messages: [user(COUNT_PROMPT)], max_completion_tokens: FEW_TOKENS }
    case 'count-tokens':
      return undefined
  }
}

function responsesBody(name: ProbeName): Body | undefined {
  const plain = { input: PROMPT, store: false }
  switch (name) {
    case 'stream-usage':
      return { ...plain, stream: true }
    case 'images': {
      const image = { type: 'input_image', image_url: IMAGE_URL, detail: 'auto' }
      return { ...plain, input: [user([{ type: 'input_text', text: PROMPT }, image])] }
    }
    case 'parallel-tools': {
      const tool = { type: 'function', name: 'report_status', parameters: TOOL_SCHEMA, strict: false }
      return { ...plain, input: TOOL_PROMPT, tools: [tool], parallel_tool_calls: true }
    }
    case 'system-inside':
      return { ...plain, input: insideSystem('developer') }
    case 'developer-role':
      return { ...plain, input: [{ role: 'developer', content: SYSTEM }, user(PROMPT)] }
    case 'count-tokens':
      return { input: PROMPT }
    case 'max-tokens':
    case 'max-completion-tokens':
      return undefined
  }
}

/** Instructions in the middle of a conversation, where some servers refuse them. */
function insideSystem(role: string): readonly Body[] {
  return [
    user('Remember the word: ping'),
    { role: 'assistant', content: 'ping' },
    { role, content: SYSTEM },
    user(PROMPT),
  ]
}
