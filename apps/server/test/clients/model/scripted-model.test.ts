import { expect, onTestFinished, test } from 'vitest'

import type { Loose, SpokenFormat } from './asked.ts'
import type { Plan } from './plan.ts'
import { startScriptedModel } from './scripted-model.ts'

const PLAN: Plan = {
  steps: [
    { name: 'write', text: 'I write. 🍐', act: () => [{ type: 'write', path: '/w/a.txt', content: 'one\n' }] },
    { name: 'run', act: ({ result }) => [{ type: 'run', command: `echo ${result('write')}` }] },
  ],
  finish: ({ result }) => `It printed ${result('run')}.`,
}

const WRITE = { type: 'object', properties: { file_path: {}, content: {} }, required: ['file_path', 'content'] }
const BASH = { type: 'object', properties: { command: {} }, required: ['command'] }
const PATCH = { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: '' } }

const TOOLS = {
  'anthropic-messages': [
    { name: 'Write', input_schema: WRITE },
    { name: 'Bash', input_schema: BASH },
  ],
  'openai-chat': [
    { type: 'function', function: { name: 'write', parameters: WRITE } },
    { type: 'function', function: { name: 'bash', parameters: BASH } },
  ],
  'openai-responses': [PATCH, { type: 'function', name: 'exec_command', parameters: BASH }],
} as const

const PATHS = {
  'anthropic-messages': '/v1/messages',
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
} as const

const ASKED = [{ role: 'user', content: 'Go.' }]

function body(format: SpokenFormat, history: readonly object[]): Loose {
  const common = { model: 'm', tools: TOOLS[format], stream: false }
  if (format === 'openai-responses') return { ...common, input: [...ASKED, ...history] }
  const limit = format === 'anthropic-messages' ? { max_tokens: 10 } : {}
  return { ...common, ...limit, messages: [...ASKED, ...history] }
}

async function startAsking(format: SpokenFormat): Promise<(body: object) => Promise<Loose>> {
  const model = await startScriptedModel(format, PLAN)
  onTestFinished(model.close)
  return async (request) => {
    const response = await fetch(model.url + PATHS[format], { method: 'POST', body: JSON.stringify(request) })
    return response.json()
  }
}

test('it finds the tools of a Messages request, follows its plan by the history, and says the same when asked again', async () => {
  const ask = await startAsking('anthropic-messages')
  const call = {
    type: 'tool_use',
    id: 'toolu_write_0',
    name: 'Write',
    input: { file_path: '/w/a.txt', content: 'one\n' },
  }
  const first = await ask(body('anthropic-messages', []))
  expect(first.content).toEqual([{ type: 'text', text: 'I write. 🍐' }, call])
  expect((await ask(body('anthropic-messages', []))).content).toEqual(first.content)

  const result = { type: 'tool_result', tool_use_id: 'toolu_write_0', content: 'done' }
  const history = [
    { role: 'assistant', content: [call] },
    { role: 'user', content: [result] },
  ]
  const second = await ask(body('anthropic-messages', history))
  expect(second.content).toMatchObject([{ type: 'tool_use', name: 'Bash', input: { command: 'echo done' } }])
})

test('it writes a file by whatever is on offer: a function, a patch, or the shell', async () => {
  const chat = await startAsking('openai-chat')
  const answer = await chat(body('openai-chat', []))
  const [{ function: written }] = answer.choices[0].message.tool_calls
  expect({ ...written, arguments: JSON.parse(written.arguments) }).toEqual({
    name: 'write',
    arguments: { file_path: '/w/a.txt', content: 'one\n' },
  })

  const responses = await startAsking('openai-responses')
  const { output } = await responses(body('openai-responses', []))
  const patch = '*** Begin Patch\n*** Add File: /w/a.txt\n+one\n*** End Patch\n'
  expect(output.at(-1)).toMatchObject({ type: 'custom_tool_call', name: 'apply_patch', input: patch })

  const { choices } = await chat({ ...body('openai-chat', []), tools: TOOLS['openai-chat'].slice(1) })
  expect(choices[0].message.tool_calls[0].function.arguments).toContain(`printf %s 'one\\n' > '/w/a.txt'`)
})

const USE = { type: 'tool_use', id: 'toolu_x_0', name: 'Bash', input: {} }
const CALL = { id: 'call_x_0', type: 'function', function: { name: 'bash', arguments: '{}' } }
const MARKED = { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }

test.for<{ format: SpokenFormat; history: readonly object[]; refusal: RegExp }>([
  { format: 'anthropic-messages', history: [{ role: 'assistant', content: [USE] }], refusal: /without tool_result/ },
  {
    format: 'anthropic-messages',
    history: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'a', signature: 'foreign' }] }],
    refusal: /proof of reasoning/,
  },
  {
    format: 'anthropic-messages',
    history: [{ role: 'user', content: [{ type: 'text', text: '' }] }],
    refusal: /empty/,
  },
  {
    format: 'openai-chat',
    history: [{ role: 'assistant', tool_calls: [CALL] }],
    refusal: /response messages: call_x_0/,
  },
  { format: 'openai-chat', history: [{ role: 'tool', tool_call_id: 'a', content: '' }], refusal: /no call a waits/ },
  { format: 'openai-chat', history: [{ role: 'user', content: [MARKED] }], refusal: /cache_control/ },
  {
    format: 'openai-responses',
    history: [{ type: 'custom_tool_call_output', call_id: 'a', output: '' }],
    refusal: /No tool call found/,
  },
  {
    format: 'openai-responses',
    history: [{ type: 'function_call', call_id: 'a', name: 'b', arguments: '{}' }],
    refusal: /No tool output found/,
  },
  {
    format: 'openai-responses',
    history: [{ role: 'assistant', content: [{ type: 'input_text', text: 'a' }] }],
    refusal: /input_text cannot stand/,
  },
])('as $format it refuses what the vendor refuses: $refusal', async ({ format, history, refusal }) => {
  const ask = await startAsking(format)
  const { error } = await ask(body(format, history))
  expect(error.message).toMatch(refusal)
})
