import { expect, test } from 'vitest'

import { CONVERTIBLE } from './formats.ts'
import { inspect } from './inspect.ts'
import type { InspectionInput } from './inspect.ts'
import { sampleAnswer } from './sample-answers.ts'
import { SAMPLE_NAMES, sampleRequest } from './sample-requests.ts'

const pairs = CONVERTIBLE.flatMap((client) => CONVERTIBLE.map((upstream) => ({ client, upstream })))
const samples = pairs.flatMap((pair) => SAMPLE_NAMES.map((name) => ({ ...pair, name })))
const SAID = { plain: 'carries it on', tools: 'Bergen', rich: 'of no great' }

function input(changes: Partial<InspectionInput> = {}): InspectionInput {
  const request = sampleRequest('anthropic-messages', 'rich')
  const plain = { answer: '', status: 200, model: '', rules: '' }
  return { client: 'anthropic-messages', upstream: 'openai-chat', request, ...plain, ...changes }
}

test.for(samples)('the sample "$name" goes from $client to $upstream and back', ({ client, upstream, name }) => {
  const request = sampleRequest(client, name)
  const { mistakes, ...seen } = inspect(input({ client, upstream, request, answer: sampleAnswer(upstream, name) }))
  expect(mistakes).toEqual([])
  expect(seen.request?.upstream['model']).toBe(JSON.parse(request).model)
  if (seen.answer?.type !== 'stream') throw new Error('the sample answer is a stream')
  const { steps, end, failure } = seen.answer.timeline
  expect(failure).toBeUndefined()
  expect(end).toBe('complete')
  expect(steps.length).toBeGreaterThan(4)
  expect(steps.flatMap((step) => step.client.map(({ text }) => text)).join('\n')).toContain(SAID[name])
})

test('what is lost is said with its place', () => {
  const losses = inspect(input()).request?.losses ?? []
  expect(losses.map(({ path }) => path)).toContain('/top_k')
})

test.for([
  { changes: { request: '{' }, part: 'request', path: '' },
  { changes: { request: '[]' }, part: 'request', path: '' },
  { changes: { request: '{"model":"m","messages":[]}' }, part: 'request', path: '/m' },
  { changes: { rules: '{"version":1,"rules":[{"id":"x y"}]}' }, part: 'rules', path: '/rules/0' },
  { changes: { answer: 'nonsense' }, part: 'answer', path: '' },
] as const)('a mistake in the $part is told, not thrown', ({ changes, part, path }) => {
  const [mistake] = inspect(input(changes)).mistakes
  expect(mistake?.part).toBe(part)
  expect(mistake?.message).not.toBe('')
  expect(mistake?.path).toMatch(new RegExp(`^${path}`))
})

test('a whole answer and an error come back in the words of the client', () => {
  const whole = JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  })
  expect(inspect(input({ answer: whole })).answer).toMatchObject({ type: 'whole', client: { type: 'message' } })
  const error = JSON.stringify({
    error: { message: 'Slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  })
  expect(inspect(input({ answer: error, status: 429 })).answer).toMatchObject({
    type: 'error',
    status: 429,
    client: { type: 'error', error: { type: 'rate_limit_error' } },
  })
})

test('a stream that was cut ends in the error of the client', () => {
  const answer = sampleAnswer('openai-chat', 'plain').slice(0, 600)
  expect(inspect(input({ answer })).answer).toMatchObject({ type: 'stream', timeline: { end: 'failed' } })
})
