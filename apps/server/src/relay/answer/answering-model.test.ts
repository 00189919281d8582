import { expect, test } from 'vitest'

import { createModelWatch, isOtherModel } from './answering-model.ts'

test.for([
  ['gpt-5', 'gpt-5'],
  ['gpt-5', 'gpt-5-2026-01-01'],
  ['openai/gpt-5', 'gpt-5'],
  ['claude-sonnet-4.5', 'claude-sonnet-4-5-20250929'],
  ['mistral-large-latest', 'mistral-large-2411'],
  ['llama3', 'llama3:70b'],
  ['gpt-5', undefined],
  ['gpt-5', ''],
] as const)('%s answered by %s is what was asked for', ([asked, served]) => {
  expect(isOtherModel(asked, served)).toBe(false)
})

test.for([
  ['gpt-5', 'gpt-4o'],
  ['claude-opus-4-5', 'claude-haiku-4-5'],
  ['deepseek-reasoner', 'deepseek-chat'],
] as const)('%s answered by %s is another model', ([asked, served]) => {
  expect(isOtherModel(asked, served)).toBe(true)
})

test('an upstream that answers with another model is told of once, not with every request', () => {
  const told: unknown[] = []
  const watch = createModelWatch({ warn: (fields) => void told.push(fields['modelServed']) })
  const answer = { requestId: 'a', accountName: 'upstream', modelSent: 'gpt-5' }
  for (const modelServed of ['gpt-4o', 'gpt-4o', 'gpt-5', 'gpt-4', 'gpt-4o']) watch.note({ ...answer, modelServed })
  watch.note({ ...answer, accountName: 'another', modelServed: 'gpt-4o' })
  expect(told).toEqual(['gpt-4o', 'gpt-4', 'gpt-4o'])
})
