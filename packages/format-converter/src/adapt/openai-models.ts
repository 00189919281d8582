import type { Effort } from '../model/chat-request.ts'
import type { ModelCapabilities } from './profile.ts'

/** Third-party and unknown models keep the classic parameters; what they refuse only they know. */
const CLASSIC: ModelCapabilities = {
  sampling: 'allowed',
  thinkingTypes: 'any',
  thinkingDefault: 'unknown',
  efforts: 'any',
  defaultEffort: 'medium',
  midSystem: true,
  prefill: false,
  structuredOutput: true,
  stop: true,
  forcedToolChoiceWithThinking: true,
  isReasoningModel: false,
}

/** Largest outputs of OpenAI's models without reasoning; the first prefix that fits counts. */
const CLASSIC_LIMITS: readonly (readonly [prefix: string, maxOutputTokens: number])[] = [
  ['gpt-4o-2024-05-13', 4_096],
  ['gpt-4o', 16_384],
  ['gpt-4.1', 32_768],
  ['gpt-4-turbo', 4_096],
  ['gpt-4', 8_192],
  ['gpt-3.5', 4_096],
  ['chatgpt-4o', 16_384],
]

/** The name without a router's vendor prefix. */
function bareName(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1).toLowerCase()
}

/** True for names that only OpenAI itself gives: they choose the `openai` preset when none is named. */
export function isOpenAiModel(model: string): boolean {
  return /^(?:gpt-\d|chatgpt-|o\d(?:-|$)|codex-)/.test(model.toLowerCase())
}

/**
 * Capabilities of a model behind an OpenAI format, by its name.
 *
 * `gpt-N` from 5 on (but not `-chat`) and `oN` reason. Source: OpenAI's model pages and SDK types 7.57 (November 2026).
 */
export function openAiCapabilities(model: string): ModelCapabilities {
  const name = bareName(model)
  const reasoning = reasoningEfforts(name)
  if (reasoning !== undefined) return reasoningCapabilities(name, reasoning)
  if (name.startsWith('gpt-oss')) return { ...CLASSIC, efforts: ['low', 'medium', 'high'] }
  const limit = CLASSIC_LIMITS.find(([prefix]) => name.startsWith(prefix))
  if (limit !== undefined)
    return { ...CLASSIC, efforts: [], maxOutputTokens: limit[1], structuredOutput: isStructured(name) }
  return isOpenAiModel(name) ? { ...CLASSIC, efforts: [] } : CLASSIC
}

function reasoningCapabilities(name: string, efforts: readonly Effort[]): ModelCapabilities {
  return {
    ...CLASSIC,
    maxOutputTokens: name.startsWith('o') ? 100_000 : 128_000,
    sampling: 'reasoning-rules',
    efforts,
    stop: !/^(?:o3|o4-mini)/.test(name),
    isReasoningModel: true,
  }
}

/** From this minor version of `gpt-5` on, a request may say itself where its prompt is cached. */
const FIRST_WITH_BREAKPOINTS = 6

/** Whether OpenAI takes cache breakpoints and options for this model. Source: SDK types 7.57. */
export function takesBreakpoints(model: string): boolean {
  const minor = minorVersion(bareName(model))
  return minor !== undefined && minor >= FIRST_WITH_BREAKPOINTS
}

/** The effort ladder grew with the versions; `undefined` = not a reasoning model. */
function reasoningEfforts(name: string): readonly Effort[] | undefined {
  if (/^o\d+(?:-|$)/.test(name)) return ['low', 'medium', 'high']
  const minor = minorVersion(name)
  if (minor === undefined || name.includes('-chat')) return undefined
  if (minor === 0) return ['minimal', 'low', 'medium', 'high']
  if (minor === 1) return ['none', 'low', 'medium', 'high']
  return minor < 6 ? ['none', 'low', 'medium', 'high', 'xhigh'] : ['none', 'low', 'medium', 'high', 'xhigh', 'max']
}

/** `6` of `gpt-5.6`, a large number for what came after `gpt-5`, `undefined` for what came before and other names. */
function minorVersion(name: string): number | undefined {
  const version = /^gpt-(\d+)(?:\.(\d+))?(?:-|$)/.exec(name)
  const major = Number(version?.[1] ?? 0)
  if (major < 5) return undefined
  return major > 5 ? Number.POSITIVE_INFINITY : Number(version?.[2] ?? 0)
}

function isStructured(name: string): boolean {
  return name.startsWith('gpt-4o') || name.startsWith('gpt-4.1') || name.startsWith('chatgpt')
}
