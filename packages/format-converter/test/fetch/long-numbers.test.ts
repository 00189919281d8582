import { expect, test } from 'vitest'

import { createFetch } from '../../src/fetch/index.ts'

const DIGITS = '12345678901234567890'

test('EC-177 long numbers keep their digits on both ways through a fetch', async () => {
  const sent: string[] = []
  const answer = `{"id":"msg_1","type":"message","role":"assistant","model":"m","stop_reason":"tool_use",
    "content":[{"type":"tool_use","id":"call_2","name":"w","input":{"n":${DIGITS}}}],"usage":{"input_tokens":1,"output_tokens":1}}`
  const asChat = createFetch({
    client: 'openai-chat',
    upstream: 'anthropic-messages',
    baseURL: 'https://api.example',
    fetch: async (_address, init) => {
      sent.push(typeof init?.body === 'string' ? init.body : '')
      return new Response(answer, { headers: { 'content-type': 'application/json' } })
    },
  })
  const tool = { type: 'function', function: { name: 'w', parameters: { type: 'object', properties: { n: {} } } } }
  const request = { model: 'm', messages: [{ role: 'user', content: 'x' }], tools: [tool] }
  const body = JSON.stringify(request).replace('"n":{}', `"n":{"maximum":${DIGITS}}`)
  const response = await asChat('https://api.openai.com/v1/chat/completions', { method: 'POST', body })
  expect(sent[0]).toContain(`"maximum":${DIGITS}`)
  expect(await response.text()).toContain(DIGITS)
})
