import { expect, test } from 'vitest'

import { isOtherModel } from './answering-model.ts'

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
