import type { Effort } from '../model/chat-request.ts'
import type { ModelCapabilities } from './profile.ts'

const ALL_EFFORTS: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max']

const NEWEST: ModelCapabilities = {
  maxOutputTokens: 128_000,
  sampling: 'rejected',
  thinkingTypes: ['adaptive', 'disabled'],
  thinkingDefault: 'on',
  efforts: ALL_EFFORTS,
  defaultEffort: 'medium',
  disabledThinkingLimitsEffort: true,
  midSystem: true,
  prefill: false,
  structuredOutput: true,
  stop: true,
  forcedToolChoiceWithThinking: true,
  isReasoningModel: false,
}

const OPUS_4_8: ModelCapabilities = { ...NEWEST, thinkingDefault: 'off', disabledThinkingLimitsEffort: false }
const OPUS_4_7: ModelCapabilities = { ...OPUS_4_8, midSystem: false, forcedToolChoiceWithThinking: false }
const SONNET_5: ModelCapabilities = { ...NEWEST, disabledThinkingLimitsEffort: false, midSystem: false }

const VERSION_4_6: ModelCapabilities = {
  ...OPUS_4_7,
  sampling: 'allowed',
  rejectsTemperatureWithTopP: true,
  thinkingTypes: ['adaptive', 'enabled', 'disabled'],
  efforts: ['low', 'medium', 'high', 'max'],
}

const OPUS_4_5: ModelCapabilities = {
  ...VERSION_4_6,
  maxOutputTokens: 64_000,
  thinkingTypes: ['enabled', 'disabled'],
  efforts: ['low', 'medium', 'high'],
  prefill: true,
}

const VERSION_4_5: ModelCapabilities = { ...OPUS_4_5, efforts: [] }
const OPUS_4_1: ModelCapabilities = { ...VERSION_4_5, maxOutputTokens: 32_000 }
const OLDER: ModelCapabilities = { ...OPUS_4_1, rejectsTemperatureWithTopP: false, structuredOutput: false }
const WITHOUT_THINKING: ModelCapabilities = { ...OLDER, thinkingTypes: [], maxOutputTokens: 4_096 }

/**
 * What Claude models accept, found by the first substring that the model id holds; exact versions stand before the
 * rows that would swallow them.
 *
 * Source: Anthropic's model and migration pages and SDK types 1.12 (November 2026). The rows of Sonnet 5 and Haiku 5, and
 * forced tool choice with thinking on models after 4.7, are not confirmed against the live service.
 */
const ROWS: readonly (readonly [substring: string, capabilities: ModelCapabilities])[] = [
  ['fable-5', { ...NEWEST, thinkingTypes: ['adaptive'], disabledThinkingLimitsEffort: false }],
  ['mythos-5', { ...NEWEST, thinkingTypes: ['adaptive'], disabledThinkingLimitsEffort: false }],
  ['mythos-preview', { ...NEWEST, thinkingTypes: ['adaptive'], disabledThinkingLimitsEffort: false }],
  ['opus-5', NEWEST],
  ['opus-4-8', OPUS_4_8],
  ['opus-4-7', OPUS_4_7],
  ['sonnet-5', SONNET_5],
  ['haiku-5', SONNET_5],
  ['opus-4-6', VERSION_4_6],
  ['sonnet-4-6', VERSION_4_6],
  ['opus-4-5', OPUS_4_5],
  ['sonnet-4-5', VERSION_4_5],
  ['haiku-4-5', VERSION_4_5],
  ['opus-4-1', OPUS_4_1],
  ['claude-3-7', { ...OLDER, maxOutputTokens: 64_000 }],
  ['claude-3-5', { ...WITHOUT_THINKING, maxOutputTokens: 8_192 }],
  ['claude-3', WITHOUT_THINKING],
  ['claude-2', WITHOUT_THINKING],
  ['claude-instant', WITHOUT_THINKING],
  ['sonnet-4-2', { ...OLDER, maxOutputTokens: 64_000 }],
  ['opus-4-2', OLDER],
  ['sonnet-4-0', { ...OLDER, maxOutputTokens: 64_000 }],
  ['opus-4-0', OLDER],
  ['claude', NEWEST],
]

/** A model of another vendor behind the Messages format: nothing is known, so nothing is taken away. */
export const FOREIGN_MESSAGES_MODEL: ModelCapabilities = {
  sampling: 'allowed',
  thinkingTypes: 'any',
  thinkingDefault: 'unknown',
  efforts: 'any',
  defaultEffort: 'medium',
  midSystem: false,
  prefill: true,
  structuredOutput: false,
  stop: true,
  forcedToolChoiceWithThinking: true,
  isReasoningModel: false,
}

/** Capabilities of a Claude model; `undefined` when the id names no Claude model. */
export function claudeCapabilities(model: string): ModelCapabilities | undefined {
  // Routers write `claude-3.7-sonnet` and `claude-opus-4@20250514`.
  const id = model.toLowerCase().replaceAll(/[.@]/g, '-')
  const dated = /(?:opus|sonnet)-4$/.test(id) ? `${id}-0` : id
  return ROWS.find(([substring]) => dated.includes(substring))?.[1]
}
