import { describe, expect, test } from 'vitest'

import { PRESET_IDS } from './presets.ts'
import { profiles } from './profiles.ts'

describe('Claude models', () => {
  test.for([
    ['claude-opus-5-5', 128_000, 'rejected', true],
    ['claude-fable-5', 128_000, 'rejected', true],
    ['claude-mythos-preview', 128_000, 'rejected', true],
    ['claude-opus-4-8', 128_000, 'rejected', true],
    ['claude-opus-4-7', 128_000, 'rejected', false],
    ['claude-sonnet-5', 128_000, 'rejected', false],
    ['claude-sonnet-4-6', 128_000, 'allowed', false],
    ['claude-opus-4-5-20251101', 64_000, 'allowed', false],
    ['anthropic/claude-haiku-4.5', 64_000, 'allowed', false],
    ['claude-opus-4-1', 32_000, 'allowed', false],
    ['claude-opus-4-20250514', 32_000, 'allowed', false],
    ['claude-sonnet-4@20250514', 64_000, 'allowed', false],
    ['claude-3-7-sonnet-20250219', 64_000, 'allowed', false],
    ['claude-3-haiku-20240307', 4_096, 'allowed', false],
    ['claude-something-new', 128_000, 'rejected', true],
  ] as const)(
    '%s: %i tokens, sampling %s, late system messages %s',
    ([model, maxOutputTokens, sampling, midSystem]) => {
      const profile = profiles.resolve('anthropic-messages', model)
      expect(profile.id).toBe('anthropic')
      expect(profile.model).toMatchObject({ maxOutputTokens, sampling, midSystem })
    },
  )

  test('a model of another vendor loses nothing', () => {
    const profile = profiles.resolve('anthropic-messages', 'glm-4.6')
    expect(profile.id).toBe('generic-anthropic')
    expect(profile.model).toMatchObject({ thinkingTypes: 'any', efforts: 'any', sampling: 'allowed' })
    expect(profile.model.maxOutputTokens).toBeUndefined()
  })

  test('the API version of October 2026 refuses sampling whatever the model', () => {
    const profile = profiles.resolve('anthropic-messages', 'claude-opus-4-5', {
      dialect: { anthropicVersion: '2026-10-21' },
    })
    expect(profile.model.sampling).toBe('rejected')
  })
})

describe('models of OpenAI', () => {
  test.for([
    ['gpt-5', true, ['minimal', 'low', 'medium', 'high']],
    ['gpt-5.1-codex', true, ['none', 'low', 'medium', 'high']],
    ['gpt-5.4', true, ['none', 'low', 'medium', 'high', 'xhigh']],
    ['gpt-6', true, ['none', 'low', 'medium', 'high', 'xhigh', 'max']],
    ['openai/o3-mini', true, ['low', 'medium', 'high']],
    ['gpt-5-chat-latest', false, []],
    ['gpt-4o-mini', false, []],
    ['gpt-oss-120b', false, ['low', 'medium', 'high']],
    ['some-model', false, 'any'],
  ] as const)('%s reasons: %s', ([model, isReasoningModel, efforts]) => {
    expect(profiles.resolve('openai-chat', model).model).toMatchObject({ isReasoningModel, efforts })
  })

  test('stop sequences are not for o3 and o4-mini', () => {
    expect(['o3', 'o4-mini', 'gpt-5'].map((model) => profiles.resolve('openai-chat', model).model.stop)).toEqual([
      false,
      false,
      true,
    ])
  })
})

describe('presets and overrides', () => {
  test.for(PRESET_IDS)('%s is plain data', (id) => {
    const format = id.includes('anthropic') ? 'anthropic-messages' : 'openai-chat'
    const profile = profiles.resolve(format, 'some-model', { id })
    expect(profile.id).toBe(id)
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile)
  })

  test('an override wins, an undefined one hides nothing', () => {
    const profile = profiles.resolve('openai-chat', 'deepseek-chat', {
      id: 'deepseek',
      dialect: { files: true, maxTokensField: undefined },
      model: { midSystem: false },
      serverTools: 'error',
    })
    expect(profile.dialect).toMatchObject({
      files: true,
      maxTokensField: 'max_tokens',
      reasoningReplay: 'reasoning_content',
    })
    expect(profile.model).toMatchObject({ midSystem: false, structuredOutput: false })
    expect(profile.serverTools).toBe('error')
  })

  test("an operator's own id keeps its name over the generic preset", () => {
    const generic = profiles.resolve('openai-chat', 'm', { id: 'generic-openai' })
    expect(profiles.resolve('openai-chat', 'm', { id: 'our-server' })).toEqual({ ...generic, id: 'our-server' })
  })

  test("a vendor's other format is told by its name alone", () => {
    const profile = profiles.resolve('anthropic-messages', 'deepseek-chat', { id: 'deepseek' })
    expect(profile).toMatchObject({ id: 'deepseek', format: 'anthropic-messages', dialect: { explicitCache: true } })
  })

  test('no name of an object member is a preset', () => {
    expect(profiles.resolve('openai-chat', 'm', { id: 'constructor' }).dialect.idLimit).toBe(64)
  })
})
