import type { JsonObject } from '../../src/index.ts'
import { CONTENT_BLOCKS, MEMBERS, MINIMAL_REQUEST, TOOLS } from '../../src/testing/messages-samples.ts'

/** Kinds that stand in an assistant's message. */
const ASSISTANT_KINDS: ReadonlySet<unknown> = new Set([
  'thinking',
  'redacted_thinking',
  'tool_use',
  'server_tool_use',
  'web_search_tool_result',
  'mcp_tool_use',
  'compaction',
])

function withContent(block: JsonObject): JsonObject {
  const role = ASSISTANT_KINDS.has(block['type']) ? 'assistant' : 'user'
  const call = { type: 'tool_use', id: 't1', name: 'n', input: { a: 1 } }
  const calling = block['type'] === 'tool_result' ? [{ role: 'assistant', content: [call] }] : []
  return { ...MINIMAL_REQUEST, messages: [...MINIMAL_REQUEST.messages, ...calling, { role, content: [block] }] }
}

/** Every content block, member and tool in a request. */
export const MESSAGES_SAMPLES: Readonly<Record<string, JsonObject>> = Object.fromEntries([
  ...Object.entries(CONTENT_BLOCKS).map(([name, block]) => [`content: ${name}`, withContent(block)] as const),
  ...Object.entries(MEMBERS).map(([name, part]) => [`request: ${name}`, { ...MINIMAL_REQUEST, ...part }] as const),
  ...Object.entries(TOOLS).map(([name, tool]) => [`tool: ${name}`, { ...MINIMAL_REQUEST, tools: [tool] }] as const),
])
