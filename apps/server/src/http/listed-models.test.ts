import { expect, test } from 'vitest'

import { readListedModels } from './listed-models.ts'

const NOTHING = { contextWindow: undefined, maxOutputTokens: undefined, inputs: undefined }

test.for([
  { of: 'OpenAI', entry: { object: 'model', owned_by: 'system' }, facts: {} },
  { of: 'vLLM', entry: { max_model_len: 32_768 }, facts: { contextWindow: 32_768 } },
  {
    of: 'Groq',
    entry: { context_window: 131_072, max_completion_tokens: 8192 },
    facts: { contextWindow: 131_072, maxOutputTokens: 8192 },
  },
  { of: 'Mistral', entry: { max_context_length: 131_072, type: 'base' }, facts: { contextWindow: 131_072 } },
  {
    of: 'OpenRouter',
    entry: {
      context_length: 200_000,
      architecture: { input_modalities: ['text', 'image', 'file', 'smell'] },
      top_provider: { context_length: 200_000, max_completion_tokens: 64_000 },
    },
    facts: { contextWindow: 200_000, maxOutputTokens: 64_000, inputs: ['text', 'image', 'pdf'] },
  },
  {
    of: 'Relay',
    entry: { context_window: 200_000, max_output_tokens: 64_000, input_modalities: ['text', 'pdf'] },
    facts: { contextWindow: 200_000, maxOutputTokens: 64_000, inputs: ['text', 'pdf'] },
  },
  {
    of: 'Anthropic',
    entry: {
      type: 'model',
      max_input_tokens: 200_000,
      max_tokens: 64_000,
      capabilities: { image_input: { supported: true }, pdf_input: { supported: false } },
    },
    facts: { contextWindow: 200_000, maxOutputTokens: 64_000, inputs: ['text', 'image'] },
  },
  {
    of: 'Anthropic, which does not know',
    entry: { type: 'model', max_input_tokens: null, max_tokens: null, capabilities: null },
    facts: {},
  },
  {
    of: 'somebody who says nonsense',
    entry: { context_length: -1, max_completion_tokens: '8192', input_modalities: 'text', max_tokens: 5 },
    facts: {},
  },
])('what $of says of a model', ({ entry, facts }) => {
  expect(readListedModels({ data: [{ id: 'm', ...entry }] })).toEqual([{ name: 'm', facts: { ...NOTHING, ...facts } }])
})

test('what is no list, and what is no model', () => {
  expect([undefined, null, [], {}, { data: 'm' }].map(readListedModels)).toEqual(Array(5).fill(undefined))
  expect(readListedModels({ data: [null, 5, {}, { id: '' }, { id: 7 }, { id: 'x'.repeat(257) }] })).toEqual([])
})
