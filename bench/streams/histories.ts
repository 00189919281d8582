import { wordAt } from './words.ts'

/** Pieces of one text of a history. */
const TEXT_PIECES = 400

/** A Messages request with a tool and turns of text, calls and results, of about so many bytes. */
export function messagesHistory(bytes: number): string {
  const tools = [{ name: 'read_file', description: 'Reads a file.', input_schema: SCHEMA }]
  const messages = turns(bytes, (turn) => [
    { role: 'user', content: [{ type: 'text', text: text(turn) }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: text(turn + 1) },
        { type: 'tool_use', id: `toolu_${turn}`, name: 'read_file', input: { path: `src/file-${turn}.ts`, lines: 40 } },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: `toolu_${turn}`, content: text(turn + 2) }] },
    { role: 'assistant', content: [{ type: 'text', text: text(turn + 3) }] },
  ])
  const last = { role: 'user', content: 'go on' }
  return JSON.stringify({
    model: 'm',
    max_tokens: 4096,
    stream: true,
    system: text(0),
    tools,
    messages: [...messages, last],
  })
}

/** The like in Chat. */
export function chatHistory(bytes: number): string {
  const tools = [
    { type: 'function', function: { name: 'read_file', description: 'Reads a file.', parameters: SCHEMA } },
  ]
  const messages = turns(bytes, (turn) => [
    { role: 'user', content: text(turn) },
    {
      role: 'assistant',
      content: text(turn + 1),
      tool_calls: [
        {
          id: `call_${turn}`,
          type: 'function',
          function: { name: 'read_file', arguments: `{"path":"src/file-${turn}.ts","lines":40}` },
        },
      ],
    },
    { role: 'tool', tool_call_id: `call_${turn}`, content: text(turn + 2) },
    { role: 'assistant', content: text(turn + 3) },
  ])
  const all = [{ role: 'system', content: text(0) }, ...messages, { role: 'user', content: 'go on' }]
  return JSON.stringify({ model: 'm', max_completion_tokens: 4096, stream: true, tools, messages: all })
}

/** The like in Responses. */
export function responsesHistory(bytes: number): string {
  const tools = [{ type: 'function', name: 'read_file', description: 'Reads a file.', parameters: SCHEMA }]
  const input = turns(bytes, (turn) => [
    { role: 'user', content: text(turn) },
    { role: 'assistant', content: text(turn + 1) },
    {
      type: 'function_call',
      call_id: `call_${turn}`,
      name: 'read_file',
      arguments: `{"path":"src/file-${turn}.ts","lines":40}`,
    },
    { type: 'function_call_output', call_id: `call_${turn}`, output: text(turn + 2) },
    { role: 'assistant', content: text(turn + 3) },
  ])
  const last = { role: 'user', content: 'go on' }
  return JSON.stringify({
    model: 'm',
    max_output_tokens: 4096,
    stream: true,
    instructions: text(0),
    tools,
    input: [...input, last],
  })
}

const SCHEMA = {
  type: 'object',
  properties: { path: { type: 'string', description: 'Where it lies.' }, lines: { type: 'integer' } },
  required: ['path'],
}

function turns(bytes: number, turnAt: (turn: number) => object[]): object[] {
  const perTurn = JSON.stringify(turnAt(0)).length
  return Array.from({ length: Math.ceil(bytes / perTurn) }, (_, turn) => turnAt(turn)).flat()
}

function text(seed: number): string {
  return Array.from({ length: TEXT_PIECES }, (_, index) => wordAt(index + seed)).join('')
}
