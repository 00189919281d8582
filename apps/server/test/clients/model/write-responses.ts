import type { Answer, Search, WrittenAnswer } from './answer.ts'
import { pieces } from './answer.ts'
import type { ToolCall } from './asked.ts'

type Item = Readonly<Record<string, unknown>> & { readonly type: string; readonly id: string }

/** An item: as it begins, what is sent while it is open, as it ends. */
interface Told {
  readonly begun: Item
  readonly events: readonly Readonly<Record<string, unknown>>[]
  readonly done: Item
}

/** Writes an answer as OpenAI's Responses API does. */
export function writeResponses(answer: Answer): WrittenAnswer {
  const { tokens } = answer
  const told = [...tellItems(answer)]
  const head = {
    id: answer.id,
    object: 'response',
    created_at: 1_790_000_000,
    model: answer.model,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    temperature: 1,
    top_p: 1,
  }
  const usage = {
    input_tokens: tokens.input,
    input_tokens_details: { cached_tokens: tokens.cached },
    output_tokens: tokens.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: tokens.input + tokens.output,
  }
  const open = { ...head, status: 'in_progress', output: [], usage: null }
  const complete = { ...head, status: 'completed', output: told.map(({ done }) => done), usage }
  const events = [
    { type: 'response.created', response: open },
    { type: 'response.in_progress', response: open },
    ...told.flatMap(({ begun, events, done }, index) => [
      { type: 'response.output_item.added', output_index: index, item: begun },
      ...events.map((event) => ({ ...event, item_id: begun.id, output_index: index })),
      { type: 'response.output_item.done', output_index: index, item: done },
    ]),
    { type: 'response.completed', response: complete },
  ] as readonly { readonly type: string }[] // each of the parts has one
  const numbered = events.map((event, index) => ({ ...event, sequence_number: index }))
  return {
    json: complete,
    sse: numbered.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  }
}

function* tellItems(answer: Answer): Generator<Told> {
  if (answer.reasoning !== undefined) yield tellReasoning(answer.id, answer.reasoning)
  if (answer.search !== undefined) yield tellSearch(answer.id, answer.search)
  if (answer.text !== '') yield tellText(answer.id, answer.text)
  for (const call of answer.calls) yield tellCall(call)
}

function tellReasoning(id: string, { text, proof }: NonNullable<Answer['reasoning']>): Told {
  const head = { type: 'reasoning', id: id.replace('resp_', 'rs_'), summary: [] }
  const summary = [{ type: 'summary_text', text }]
  const where = { summary_index: 0 }
  const events = [
    { type: 'response.reasoning_summary_part.added', ...where, part: { type: 'summary_text', text: '' } },
    ...pieces(text).map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...where, delta })),
    { type: 'response.reasoning_summary_text.done', ...where, text },
    { type: 'response.reasoning_summary_part.done', ...where, part: summary[0] },
  ]
  return { begun: head, events, done: { ...head, summary, encrypted_content: proof } }
}

function tellSearch(id: string, { query, url, sources }: Search): Told {
  const head = { type: 'web_search_call', id: id.replace('resp_', 'ws_') }
  const found = sources ? { sources: [{ type: 'url', url }] } : {}
  const steps = ['in_progress', 'searching', 'completed']
  return {
    begun: { ...head, status: 'in_progress' },
    events: steps.map((step) => ({ type: `response.web_search_call.${step}` })),
    done: { ...head, status: 'completed', action: { type: 'search', query, queries: [query], ...found } },
  }
}

function tellText(id: string, text: string): Told {
  const head = { type: 'message', id: id.replace('resp_', 'msg_'), role: 'assistant' }
  const part = { type: 'output_text', text, annotations: [], logprobs: [] }
  const where = { content_index: 0 }
  const events = [
    { type: 'response.content_part.added', ...where, part: { ...part, text: '' } },
    ...pieces(text).map((delta) => ({ type: 'response.output_text.delta', ...where, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...where, text, logprobs: [] },
    { type: 'response.content_part.done', ...where, part },
  ]
  const begun = { ...head, status: 'in_progress', content: [] }
  return { begun, events, done: { ...head, status: 'completed', content: [part] } }
}

function tellCall({ id, tool, input }: ToolCall): Told {
  const isText = typeof input === 'string'
  const text = isText ? input : JSON.stringify(input)
  const member = isText ? 'input' : 'arguments'
  const namespace = tool.namespace === undefined ? {} : { namespace: tool.namespace }
  const type = isText ? 'custom_tool_call' : 'function_call'
  const head = { type, id: `${isText ? 'ctc' : 'fc'}_${id}`, call_id: id, name: tool.name, ...namespace }
  const name = isText ? 'response.custom_tool_call_input' : 'response.function_call_arguments'
  const events = [
    ...pieces(text).map((delta) => ({ type: `${name}.delta`, delta })),
    { type: `${name}.done`, [member]: text },
  ]
  const begun = { ...head, status: 'in_progress', [member]: '' }
  return { begun, events, done: { ...head, status: 'completed', [member]: text } }
}
