import { demand, demandKnown, readSchema, textOf } from './asked.ts'
import type { Asked, Loose, OfferedTool } from './asked.ts'

const BODY =
  'model messages max_tokens system tools tool_choice stream temperature top_p top_k stop_sequences metadata thinking ' +
  'output_config context_management service_tier container mcp_servers'
const TOOL =
  'type name description input_schema cache_control defer_loading strict eager_input_streaming input_examples'
const BLOCKS: Readonly<Record<string, string>> = {
  text: 'type text cache_control citations',
  image: 'type source cache_control',
  document: 'type source title context citations cache_control',
  thinking: 'type thinking signature',
  redacted_thinking: 'type data',
  tool_use: 'type id name input cache_control caller',
  tool_result: 'type tool_use_id content is_error cache_control',
  tool_reference: 'type tool_name cache_control',
  server_tool_use: 'type id name input cache_control caller',
  web_search_tool_result: 'type tool_use_id content cache_control caller',
  tool_addition: 'type tool cache_control',
  tool_removal: 'type tool cache_control',
}

/** Reads a Messages request as strictly as the vendor does. */
export function readMessages(body: Loose): Asked {
  demandKnown(body, BODY, 'body')
  demand(Number.isInteger(body.max_tokens) && body.max_tokens > 0, 'max_tokens: Field required')
  const tools: Loose[] = body.tools ?? []
  for (const tool of tools) checkTool(tool)
  const blocks = readTurns(body.messages)
  const results = blocks.filter(({ type }) => type === 'tool_result')
  return {
    model: body.model,
    isStream: body.stream === true,
    tools: tools.filter(({ input_schema: schema }) => schema !== undefined).map(offered),
    hasHostedSearch: tools.some(({ type }) => type?.startsWith('web_search_')),
    wantsSources: true,
    results: new Map(results.map((block) => [block.tool_use_id, resultText(block.content)])),
    pictures: blocks
      .flatMap(withInner)
      .filter(({ type }) => type === 'image')
      .map(({ source }) => source.data),
    callIds: blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id),
    proofs: blocks.filter(({ type }) => type === 'thinking').map(({ signature }) => signature),
    wantsReasoning: ['adaptive', 'enabled'].includes(body.thinking?.type),
    schema: body.output_config?.format?.schema,
    userText: body.messages.map(({ role, content }: Loose) => (role === 'user' ? textOf(content) : '')).join('\n'),
  }
}

function offered({ name, input_schema: schema }: Loose): OfferedTool {
  return { name, namespace: undefined, kind: 'function', ...readSchema(schema) }
}

function checkTool(tool: Loose): void {
  demand(/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name), `tools: ${tool.name} is no name for a tool`)
  if (tool.type !== undefined && tool.type !== 'custom') return
  demandKnown(tool, TOOL, `tools.${tool.name}`)
  demand(tool.input_schema?.type === 'object', `tools.${tool.name}.input_schema.type: Field required`)
}

/** All content blocks in order; every call must be answered at the start of the next user message. */
function readTurns(messages: Loose): readonly Loose[] {
  demand(messages[0]?.role === 'user', 'messages: the first message must use the "user" role')
  const all: Loose[] = []
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    demandKnown(message, 'role content output_config clear_at', `messages.${index}`)
    const blocks = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content
    for (const block of blocks) checkBlock(block, `messages.${index}`)
    if (message.role === 'user') open = answerCalls(open, blocks)
    if (message.role === 'assistant') {
      demand(open.length === 0, `messages.${index}: tool_use ids were found without tool_result blocks: ${open.join()}`)
      open = blocks.filter(({ type }: Loose) => type === 'tool_use').map(({ id }: Loose) => id)
    }
    all.push(...blocks)
  }
  demand(open.length === 0, `messages: tool_use ids were found without tool_result blocks: ${open.join()}`)
  return all
}

/** @returns what stays open */
function answerCalls(open: readonly string[], blocks: readonly Loose[]): string[] {
  const answered = blocks.filter(({ type }) => type === 'tool_result').map((block) => block.tool_use_id)
  for (const id of answered) demand(open.includes(id), `unexpected tool_use_id found in tool_result blocks: ${id}`)
  const firstOther = blocks.findIndex(({ type }) => type !== 'tool_result')
  const lastResult = blocks.findLastIndex(({ type }) => type === 'tool_result')
  demand(firstOther === -1 || lastResult < firstOther, 'tool_result blocks must come first in a user message')
  return open.filter((id) => !answered.includes(id))
}

function checkBlock(block: Loose, where: string): void {
  const known = BLOCKS[block.type]
  demand(known !== undefined, `${where}: there is no content block of type ${block.type}`)
  demandKnown(block, known ?? '', `${where}.${block.type}`)
  if (block.type === 'text') demand(block.text !== '', `${where}: text content blocks must be non-empty`)
  if (block.type === 'tool_use') demand(/^[a-zA-Z0-9_-]+$/.test(block.id), `${where}: ${block.id} is no id of a call`)
  if (Array.isArray(block.content)) for (const inner of block.content) checkInner(inner, `${where}.${block.type}`)
}

function checkInner(block: Loose, where: string): void {
  if (block.type !== 'web_search_result') checkBlock(block, where)
}

function withInner(block: Loose): readonly Loose[] {
  return Array.isArray(block.content) ? [block, ...block.content] : [block]
}

/** What a model reads in a result; a reference to a tool reads as its name. */
function resultText(content: Loose): string {
  if (!Array.isArray(content)) return textOf(content)
  return content.map((part: Loose) => part.text ?? part.tool_name ?? '').join('\n')
}
