import type { ApiFormat } from '../upstream.ts'

/** The three things a test tries. */
export type AccountTestName = 'whole' | 'stream' | 'tools'

const PROMPT = 'Reply with the single word: pong'
const TOOL_PROMPT = 'Call the tool report_status once with status "ok".'
const TOOL_NAME = 'report_status'
const TOOL_TEXT = 'Reports a status.'

const TOOL_SCHEMA = {
  type: 'object',
  properties: { status: { type: 'string' } },
  required: ['status'],
}

/** The smallest real request of its kind in a format. */
export function buildTestBody(apiFormat: ApiFormat, model: string, name: AccountTestName): string {
  const prompt = name === 'tools' ? TOOL_PROMPT : PROMPT
  const messages = [{ role: 'user', content: prompt }]
  const stream = name === 'stream'
  switch (apiFormat) {
    case 'claude': {
      const tool = { name: TOOL_NAME, description: TOOL_TEXT, input_schema: TOOL_SCHEMA }
      const tools = name === 'tools' ? { tools: [tool] } : {}
      return JSON.stringify({ model, max_tokens: 512, messages, stream, ...tools })
    }
    case 'openai-chat': {
      // No token limit: which field carries it depends on the model.
      const definition = { name: TOOL_NAME, description: TOOL_TEXT, parameters: TOOL_SCHEMA }
      const tools = name === 'tools' ? { tools: [{ type: 'function', function: definition }] } : {}
      return JSON.stringify({ model, messages, stream, ...tools })
    }
    case 'openai-responses': {
      const tool = { type: 'function', name: TOOL_NAME, parameters: TOOL_SCHEMA, strict: false }
      const tools = name === 'tools' ? { tools: [tool] } : {}
      return JSON.stringify({ model, input: prompt, stream, store: false, ...tools })
    }
  }
}
