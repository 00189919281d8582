import { dataOf, demand, demandKnown, readSchema, textOf } from './asked.ts'
import type { Asked, Loose, OfferedTool } from './asked.ts'

const BODY =
  'model input instructions tools tool_choice parallel_tool_calls max_tool_calls stream stream_options ' +
  'max_output_tokens temperature top_p text reasoning include store metadata user prompt_cache_key safety_identifier ' +
  'service_tier truncation previous_response_id background client_metadata'
const ITEMS: Readonly<Record<string, string>> = {
  message: 'type id role content status phase',
  additional_tools: 'type id role tools',
  reasoning: 'type id summary content encrypted_content status',
  function_call: 'type id call_id name namespace arguments status',
  function_call_output: 'type id call_id output status',
  custom_tool_call: 'type id call_id name namespace input status',
  custom_tool_call_output: 'type id call_id output status',
  web_search_call: 'type id status action',
}
const PARTS: Readonly<Record<string, string>> = {
  input_text: 'type text',
  input_image: 'type image_url detail file_id',
  input_file: 'type filename file_data file_id file_url',
  output_text: 'type text annotations logprobs',
  refusal: 'type refusal',
}

/** What Codex adds to items when it takes its server for OpenAI, which knows it. */
const CODEX_MEMBER = 'internal_chat_message_metadata_passthrough'

/** Reads a Responses request as strictly as the vendor does, with the item that brings tools. */
export function readResponses(body: Loose): Asked {
  demandKnown(body, BODY, 'body')
  const items: Loose[] = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input
  for (const [index, item] of items.entries()) checkItem(item, `input[${index}]`)
  checkPairs(items)
  const wireTools = [...(body.tools ?? []), ...items.flatMap((item) => item.tools ?? [])]
  const tools = wireTools.flatMap((tool) => offered(tool, undefined))
  for (const { name } of tools) demand(/^[a-zA-Z0-9_-]{1,64}$/.test(name), `tools: ${name} is no name for a tool`)
  const parts = items.flatMap(({ content, output }) => [content, output].filter(Array.isArray).flat())
  const outputs = items.filter(({ type }) => isOutput(type))
  const included: readonly string[] = body.include ?? []
  const wantsProof = included.includes('reasoning.encrypted_content')
  return {
    model: body.model,
    isStream: body.stream === true,
    tools,
    hasHostedSearch: wireTools.some(({ type }) => type.startsWith('web_search')),
    wantsSources: included.includes('web_search_call.action.sources'),
    results: new Map(outputs.map((item) => [item.call_id, textOf(item.output)])),
    pictures: parts.filter(({ type }) => type === 'input_image').map(({ image_url: url }) => dataOf(url)),
    callIds: items.filter(({ type }) => isCall(type)).map((item) => item.call_id),
    proofs: items.filter(({ type }) => type === 'reasoning').map((item) => item.encrypted_content),
    wantsReasoning: wantsProof || body.reasoning?.summary !== undefined,
    schema: body.text?.format?.schema,
    userText: items.map(({ role, content }) => (role === 'user' ? textOf(content) : '')).join('\n'),
  }
}

/** One tool, or the tools of a group. */
function offered(tool: Loose, namespace: string | undefined): readonly OfferedTool[] {
  const { type, name } = tool
  if (type === 'namespace') return tool.tools.flatMap((inner: Loose) => offered(inner, name))
  if (type === 'custom') return [{ name, namespace, kind: 'freeform', properties: {}, required: [] }]
  if (type !== 'function') return []
  return [{ name, namespace, kind: 'function', ...readSchema(tool.parameters) }]
}

function isCall(type: unknown): boolean {
  return type === 'function_call' || type === 'custom_tool_call'
}

function isOutput(type: unknown): boolean {
  return type === 'function_call_output' || type === 'custom_tool_call_output'
}

/** Each call has its result somewhere behind it, of its own kind. */
function checkPairs(items: readonly Loose[]): void {
  const open = new Map<string, string>()
  for (const { type, call_id: id } of items) {
    if (isCall(type)) {
      demand(id.length <= 64, `input: ${id} is too long for the id of a call`)
      open.set(id, type)
    }
    if (!isOutput(type)) continue
    demand(open.get(id) === type.replace('_output', ''), `No tool call found for ${type} with call_id ${id}.`)
    open.delete(id)
  }
  for (const id of open.keys()) demand(false, `No tool output found for call ${id}.`)
}

function checkItem(item: Loose, where: string): void {
  const type = item.type ?? 'message'
  const known = ITEMS[type]
  demand(known !== undefined, `${where}: there is no item of type ${type}`)
  demandKnown(item, `${known} ${CODEX_MEMBER}`, where)
  const content = type === 'message' ? item.content : item.output
  for (const part of Array.isArray(content) ? content : []) checkPart(part, item.role, where)
}

function checkPart(part: Loose, role: string | undefined, where: string): void {
  const known = PARTS[part.type]
  demand(known !== undefined, `${where}: there is no content of type ${part.type}`)
  demandKnown(part, known ?? '', where)
  const isSpoken = part.type === 'output_text' || part.type === 'refusal'
  demand(isSpoken === (role === 'assistant'), `${where}: ${part.type} cannot stand in a message of ${role}`)
}
