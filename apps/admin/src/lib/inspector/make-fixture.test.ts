import { strFromU8, unzipSync } from 'fflate'
import { expect, test } from 'vitest'

import { caseName, makeFixture } from './make-fixture.ts'

test('a fixture has the layout of the converter’s, with the very bytes of the answer', () => {
  const answer = new Uint8Array([100, 97, 116, 97, 58, 32, 255, 13, 10, 13, 10])
  const zip = makeFixture({
    name: 'Two Calls, one ../cut!',
    client: 'anthropic-messages',
    upstream: 'openai-chat',
    model: 'gpt-x',
    request: '{"model":"m"}',
    answer,
    isStream: true,
    note: 'a cut stream',
  })
  const files = unzipSync(zip)
  expect(Object.keys(files).toSorted()).toEqual([
    'fixtures/anthropic-messages/two-calls-one-cut/README.md',
    'fixtures/anthropic-messages/two-calls-one-cut/models.json',
    'fixtures/anthropic-messages/two-calls-one-cut/request.json',
    'fixtures/openai-chat/two-calls-one-cut/README.md',
    'fixtures/openai-chat/two-calls-one-cut/answer.sse',
  ])
  expect(files['fixtures/openai-chat/two-calls-one-cut/answer.sse']).toEqual(answer)
  const models = files['fixtures/anthropic-messages/two-calls-one-cut/models.json']
  expect(JSON.parse(strFromU8(models ?? answer))).toEqual({ 'openai-chat': 'gpt-x' })
})

test('any text gives a name that is a folder’s', () => {
  expect(['..', '/etc/passwd', '你好', 'A  b'].map(caseName)).toEqual(['case', 'etc-passwd', 'case', 'a-b'])
})
