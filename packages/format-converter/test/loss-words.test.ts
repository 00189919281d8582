import { expect, it } from 'vitest'

import { convertRequest, createConverter } from '../src/index.ts'

it.each([
  ['[1]', 'arguments that are no JSON object were put under "value"'],
  ['"{\\"a\\":1}"', 'arguments that are no JSON object were decoded a second time'],
  ['{"a":', 'arguments that are no JSON object were kept as text under "raw_arguments"'],
])('what became of the arguments %s is told in words', (text, message) => {
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: text } }
  const messages = [
    { role: 'user', content: 'x' },
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c', content: 'y' },
  ]
  const { losses } = convertRequest({
    from: 'openai-chat',
    to: 'anthropic-messages',
    body: { model: 'claude-opus-5', max_tokens: 9, messages },
  })
  expect(losses).toContainEqual(expect.objectContaining({ code: 'invalid_tool_arguments', level: 'repaired', message }))
})

it('a citation that has no address is told with the vendor that it belongs to', () => {
  const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-responses' })
  const exchange = converter.exchange({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] })
  const annotations = [{ type: 'file_citation', file_id: 'file-1', index: 0, filename: 'a.txt' }]
  const content = [{ type: 'output_text', text: 'x', annotations }]
  const { losses } = exchange.response({
    id: 'r',
    object: 'response',
    status: 'completed',
    output: [{ id: 'm1', type: 'message', role: 'assistant', content }],
  })
  expect(losses).toContainEqual(
    expect.objectContaining({
      code: 'citation_dropped',
      level: 'lossy',
      message: 'a citation of openai-responses without an address was left out',
    }),
  )
})
