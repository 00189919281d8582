import { buildAnswer } from '@relay/format-converter/testing'
import { jsonReply } from '@relay/upstreams/testing'
import { expect, test } from 'vitest'

import { accountFor, openStage } from './harness.ts'

test('a thinking budget becomes an effort where the account has a model that takes none; all else keeps its bytes', async (context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(jsonReply(buildAnswer('anthropic-messages', { text: 'Hi' }).body))
  const models = { 'claude-sonnet-4-5': 'claude-opus-5' }
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude', { models })] })
  const messages = '"messages": [ {"role":"user","content":"hi","odd":1.50} ]'
  const thinking = '"thinking":{"type":"enabled","budget_tokens":4096}'
  const body = `{"model":"claude-sonnet-4-5","max_tokens":9000,${thinking},${messages}}`
  expect((await relay.post('/v1/messages', body)).status).toBe(200)
  const [request] = upstream.requests
  expect(request?.json).toMatchObject({
    model: 'claude-opus-5',
    thinking: { type: 'adaptive' },
    output_config: { effort: 'low' },
  })
  expect(request?.body.toString()).toContain(messages)
})
