import { dataOf, demand, demandKnown, readSchema, textOf } from './asked.ts'
import type { Asked, Loose, OfferedTool } from './asked.ts'

const BODY =
  'model messages tools tool_choice parallel_tool_calls stream stream_options max_tokens max_completion_tokens ' +
  'temperature top_p stop seed n response_format reasoning_effort verbosity user metadata store prompt_cache_key ' +
  'safety_identifier service_tier web_search_options logit_bias logprobs top_logprobs presence_penalty frequency_penalty'
const PARTS: Readonly<Record<string, string>> = {
  text: 'type text',
  refusal: 'type refusal',
  image_url: 'type image_url',
  file: 'type file',
  input_audio: 'type input_audio',
}
const MESSAGES: Readonly<Record<string, string>> = {
  developer: 'role content name',
  system: 'role content name',
  user: 'role content name',
  assistant: 'role content name refusal tool_calls reasoning_content',
  tool: 'role content tool_call_id name',
}

/** Reads a Chat request as strictly as the vendor does; `reasoning_content` is a habit of other vendors. */
export function readChat(body: Loose): Asked {
  demandKnown(body, BODY, 'body')
  const tools: Loose[] = body.tools ?? []
  for (const tool of tools) checkTool(tool)
  demand(body.tools === undefined || tools.length > 0, "[] is too short - 'tools'")
  demand(tools.length > 0 || body.tool_choice === undefined, "'tool_choice' is only allowed when 'tools' are specified")
  checkPairs(body.messages)
  const messages: Loose[] = body.messages
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []))
  const calls = messages.flatMap((message) => message.tool_calls ?? [])
  const results = messages.filter(({ role }) => role === 'tool')
  return {
    model: body.model,
    isStream: body.stream === true,
    tools: tools.map(offered),
    hasHostedSearch: body.web_search_options !== undefined,
    wantsSources: true,
    results: new Map(results.map((message) => [message.tool_call_id, textOf(message.content)])),
    pictures: parts.filter(({ type }) => type === 'image_url').map(({ image_url: { url } }) => dataOf(url)),
    callIds: calls.map(({ id }) => id),
    proofs: [],
    wantsReasoning: body.reasoning_effort !== undefined && body.reasoning_effort !== 'none',
    schema: body.response_format?.json_schema?.schema,
    userText: messages.map(({ role, content }) => (role === 'user' ? textOf(content) : '')).join('\n'),
  }
}

function offered({ function: { name, parameters } }: Loose): OfferedTool {
  return { name, namespace: undefined, kind: 'function', ...readSchema(parameters) }
}

function checkTool(tool: Loose): void {
  demandKnown(tool, 'type function', 'tools')
  demand(tool.type === 'function', `tools: there is no tool of type ${tool.type}`)
  demandKnown(tool.function, 'name description parameters strict', `tools.${tool.function.name}`)
  demand(/^[a-zA-Z0-9_-]{1,64}$/.test(tool.function.name), `tools: ${tool.function.name} is no name for a function`)
}

/** Each call must be answered right after the message that made it, before anything else is said. */
function checkPairs(messages: readonly Loose[]): void {
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    checkMessage(message, `messages.${index}`)
    if (message.role === 'tool') {
      demand(
        open.includes(message.tool_call_id),
        `messages.${index}: no call ${message.tool_call_id} waits for a result`,
      )
      open = open.filter((id) => id !== message.tool_call_id)
      continue
    }
    demand(open.length === 0, `messages.${index}: these calls did not have response messages: ${open.join()}`)
    open = (message.tool_calls ?? []).map(({ id }: Loose) => id)
  }
  demand(open.length === 0, `messages: these calls did not have response messages: ${open.join()}`)
}

function checkMessage(message: Loose, where: string): void {
  const known = MESSAGES[message.role]
  demand(known !== undefined, `${where}: there is no role ${message.role}`)
  demandKnown(message, known ?? '', where)
  for (const part of Array.isArray(message.content) ? message.content : []) checkPart(part, message.role, where)
  for (const call of message.tool_calls ?? []) {
    demandKnown(call, 'id type function', where)
    demand(call.id.length <= 64, `${where}: ${call.id} is too long for the id of a call`)
    demand(typeof call.function.arguments === 'string', `${where}: arguments must be a string`)
  }
}

function checkPart(part: Loose, role: string, where: string): void {
  const known = PARTS[part.type]
  demand(known !== undefined, `${where}: there is no content part of type ${part.type}`)
  demandKnown(part, known ?? '', where)
  demand(role === 'user' || part.type === 'text', `${where}: a ${role} message cannot hold ${part.type}`)
}
