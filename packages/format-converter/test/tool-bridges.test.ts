import { expect, it } from 'vitest'

import { createConverter, DEFAULT_OPTIONS, type JsonObject, type Loss, profiles } from '../src/index.ts'
import { encoders, decoders } from '../src/ir.ts'
import type { ChatRequest } from '../src/model/chat-request.ts'
import type { ContentPart } from '../src/model/content-part.ts'

const text = { type: 'string', description: expect.any(String) }
const whole = { type: 'integer', description: expect.any(String) }
const words = { type: 'array', items: { type: 'string' }, description: expect.any(String) }

interface Bridge {
  readonly tool: string
  readonly prefix: string
  readonly type: string
  readonly parameters: JsonObject
}

/** Contract 2.6: what each tool that Responses declares by its type alone is elsewhere, and how its calls come back. */
const BRIDGES: readonly Bridge[] = [
  {
    tool: 'apply_patch',
    prefix: 'apc_',
    type: 'apply_patch_call',
    parameters: {
      type: 'object',
      properties: {
        operation: {
          type: 'object',
          properties: {
            type: { type: 'string', enum: ['create_file', 'update_file', 'delete_file'] },
            path: text,
            diff: text,
          },
          required: ['type', 'path'],
        },
      },
      required: ['operation'],
    },
  },
  {
    tool: 'shell',
    prefix: 'sh_',
    type: 'shell_call',
    parameters: {
      type: 'object',
      properties: { commands: words, timeout_ms: whole, max_output_length: whole },
      required: ['commands'],
    },
  },
  {
    tool: 'local_shell',
    prefix: 'lsh_',
    type: 'local_shell_call',
    parameters: {
      type: 'object',
      properties: {
        command: words,
        env: { type: 'object', additionalProperties: { type: 'string' }, description: expect.any(String) },
        working_directory: text,
        timeout_ms: whole,
        user: text,
      },
      required: ['command'],
    },
  },
  {
    tool: 'tool_search',
    prefix: 'tsc_',
    type: 'tool_search_call',
    parameters: { type: 'object', properties: { query: text }, required: ['query'] },
  },
]

it.each(BRIDGES)(
  '$tool is a function elsewhere, and its call is an item of its own again',
  ({ tool, prefix, type, parameters }) => {
    const declared = tool === 'tool_search' ? { type: tool, execution: 'client' } : { type: tool }
    const converter = createConverter({ client: 'openai-responses', upstream: 'openai-chat' })
    const exchange = converter.exchange({ model: 'gpt-4o', input: 'x', tools: [declared] })
    expect(exchange.request).toMatchObject({ tools: [{ function: { name: tool } }] })
    const [offered] = exchange.request.tools ?? []
    expect(offered).toHaveProperty('function.parameters', parameters)
    const call = { id: 'call_a', type: 'function', function: { name: tool, arguments: '{}' } }
    const choice = {
      index: 0,
      message: { role: 'assistant', content: null, tool_calls: [call] },
      finish_reason: 'stop',
    }
    const { body } = exchange.response({ id: 'c', choices: [choice] })
    expect(body).toMatchObject({ output: [{ id: expect.stringMatching(`^${prefix}`), type, call_id: 'call_a' }] })
  },
)

it.each(BRIDGES)('a call of $tool in a whole answer is one in the stream that it becomes', ({ prefix, type }) => {
  const converter = createConverter({ client: 'openai-responses', upstream: 'openai-responses' })
  const exchange = converter.exchange({ model: 'gpt-5.2', stream: true, input: 'x' })
  const call = { type, id: `${prefix}1`, call_id: 'call_a', status: 'completed', execution: 'client' }
  const stream = exchange.byteStream()
  const answer = { id: 'resp_1', object: 'response', status: 'completed', model: 'gpt-5.2', output: [call] }
  const written = [stream.push(JSON.stringify(answer)), stream.end()].map((output) => Buffer.from(output).toString())
  const added = /^event: response\.output_item\.added\ndata: (.*)$/m.exec(written.join(''))?.[1]
  expect(JSON.parse(added ?? '{}')).toMatchObject({ item: { type, call_id: 'call_a' } })
})

/** Contract 2.6: what the client tools are that Anthropic defines by a dated type. */
const EDITING = {
  path: text,
  file_text: text,
  old_str: text,
  new_str: text,
  insert_line: whole,
  insert_text: text,
  view_range: { type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 2, description: expect.any(String) },
}

it.each([
  {
    type: 'bash_20250124',
    name: 'bash',
    parameters: {
      type: 'object',
      properties: { command: text, restart: { type: 'boolean', description: expect.any(String) } },
    },
  },
  {
    type: 'text_editor_20250728',
    name: 'str_replace_based_edit_tool',
    parameters: {
      type: 'object',
      properties: { command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert'] }, ...EDITING },
      required: ['command', 'path'],
    },
  },
  {
    type: 'memory_20250818',
    name: 'memory',
    parameters: {
      type: 'object',
      properties: {
        command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'] },
        ...EDITING,
        old_path: text,
        new_path: text,
      },
      required: ['command'],
    },
  },
])('$type is the function $name elsewhere', ({ type, name, parameters }) => {
  const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-chat' })
  const messages = [{ role: 'user', content: 'x' }]
  const { request } = converter.exchange({ model: 'gpt-4o', max_tokens: 9, messages, tools: [{ type, name }] })
  expect(request).toMatchObject({ tools: [{ type: 'function', function: { name, parameters } }] })
})

/** A request of Messages whose one turn says this. */
function requestWith(parts: readonly ContentPart[]): ChatRequest {
  return {
    format: 'anthropic-messages',
    model: 'gpt-4o',
    stream: false,
    turns: [{ role: 'user', path: '/m', parts }],
    tools: [],
    parameters: {},
    vendorFields: [],
  }
}

it('a document of text that a Responses request is given all the same is told in text', () => {
  const profile = profiles.resolve('openai-responses', 'gpt-4o')
  const said = { type: 'text', text: 'inner', path: '/p' } as const
  const parts: readonly ContentPart[] = [
    { type: 'document', source: { type: 'text', text: 'words' }, path: '/d' },
    { type: 'document', source: { type: 'parts', parts: [said, said] }, path: '/e' },
  ]
  const { body } =
    encoders['openai-responses']?.encodeRequest(requestWith(parts), {
      profile,
      options: DEFAULT_OPTIONS,
      report: () => {},
    }) ?? {}
  const content = ['words', 'inner\ninner'].map((words) => ({ type: 'input_text', text: words }))
  expect(body).toMatchObject({ input: [{ role: 'user', content }] })
})

it('a file of another vendor that a Responses request is given all the same is told by its own code', () => {
  const losses: Pick<Loss, 'code'>[] = []
  const report = (loss: Pick<Loss, 'code'>): unknown => losses.push(loss)
  const source = { type: 'file', fileId: 'f', format: 'anthropic-messages' } as const
  const profile = profiles.resolve('openai-responses', 'gpt-4o')
  const parts: readonly ContentPart[] = [
    { type: 'document', source, path: '/d' },
    { type: 'image', source, path: '/i' },
  ]
  encoders['openai-responses']?.encodeRequest(requestWith(parts), { profile, options: DEFAULT_OPTIONS, report })
  expect(losses).toMatchObject([
    { code: 'file_not_portable', path: '/d' },
    { code: 'file_not_portable', path: '/i' },
  ])
})

it('a whole Chat answer begins with the id and the model that its upstream gave', () => {
  const profile = profiles.resolve('openai-chat', 'gpt-4o')
  const context = { profile, newId: () => 'x', stop: [], report: () => {} }
  const choice = { index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }
  const events = decoders['openai-chat']?.decodeAnswer({ id: 'c1', model: 'm', created: 7, choices: [choice] }, context)
  expect(events?.[0]).toEqual({ type: 'start', id: 'c1', model: 'm', createdSeconds: 7, fingerprint: undefined })
})

/** What a Responses client is told of a call that a Chat upstream made of a bridged tool. */
function toldCall(tool: JsonObject, text: string): { readonly item: unknown; readonly losses: readonly string[] } {
  const exchange = createConverter({ client: 'openai-responses', upstream: 'openai-chat' }).exchange({
    model: 'some-model',
    input: 'x',
    tools: [tool],
  })
  const call = { id: 'call_a', type: 'function', function: { name: tool['name'] ?? tool['type'], arguments: text } }
  const message = { role: 'assistant', content: null, tool_calls: [call] }
  const { body } = exchange.response({ id: 'c', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] })
  const { output } = body as unknown as { readonly output: readonly unknown[] }
  return { item: output[0], losses: exchange.losses.filter(({ level }) => level !== 'info').map(({ code }) => code) }
}

it.each([
  ['shell', '{}', 'incomplete'],
  ['shell', '{"commands":"', 'incomplete'],
  ['local_shell', '{"command":[]}', 'incomplete'],
  ['apply_patch', '{"type":"update_file"}', 'in_progress'], // the SDK's type knows no `incomplete` here
  ['apply_patch', 'no JSON', 'in_progress'],
])('a call of %s with %s is no whole call, and that is reported', (type, text, status) => {
  expect(toldCall({ type }, text)).toMatchObject({ item: { status }, losses: ['invalid_tool_arguments'] })
})

it.each([
  ['shell', '{"commands":["ls"]}'],
  ['local_shell', '{"command":["ls"]}'],
  ['apply_patch', '{"operation":{"type":"delete_file","path":"a"}}'],
  ['apply_patch', '{"type":"create_file","path":"a","diff":"+"}'],
])('a call of %s with %s is a whole one', (type, text) => {
  expect(toldCall({ type }, text)).toMatchObject({ item: { status: 'completed' }, losses: [] })
})

it.each([
  ['{"input":"a","more":1}', 'a', ['invalid_tool_arguments']],
  ['{"input":"a', 'a', ['invalid_tool_arguments']],
  ['{"input":"a"}', 'a', []],
  ['{"other":1}', '{"other":1}', []],
])('of the arguments %s of a tool of free text nothing is lost in silence', (text, input, losses) => {
  expect(toldCall({ type: 'custom', name: 'edit' }, text)).toMatchObject({ item: { input }, losses })
})

/** What is reported of an answer that calls a tool. */
function reportedOf(name: string, input: JsonObject): string[] {
  const exchange = createConverter({ client: 'openai-responses', upstream: 'anthropic-messages' }).exchange({
    model: 'm',
    input: 'x',
    tools: [{ type: name }],
  })
  const content = [{ type: 'tool_use', id: 'toolu_1', name, input }]
  const { losses } = exchange.response({ type: 'message', role: 'assistant', content, stop_reason: 'tool_use' })
  return losses.filter(({ stage }) => stage !== 'request').map(({ code }) => code)
}

it.each([
  ['shell', { commands: ['ls'] }, { workdir: '/x' }],
  ['local_shell', { command: ['ls'] }, { timeout_ms: 'soon' }],
  ['apply_patch', { type: 'update_file', path: 'a', diff: '+' }, { mode: 1 }],
])('reports arguments that have no place in the item of %s', (name, input, more) => {
  expect(reportedOf(name, input)).toEqual([])
  expect(reportedOf(name, { ...input, ...more })).toEqual(['invalid_tool_arguments'])
})
