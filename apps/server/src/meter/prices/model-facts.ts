import { fitsPattern } from '@relay/account-store'

import type { ModelFacts, ModelInput } from './model-price.ts'
import { NO_FACTS } from './model-price.ts'

const SEES: readonly ModelInput[] = ['text', 'image', 'pdf']
const LOOKS: readonly ModelInput[] = ['text', 'image']
const READS: readonly ModelInput[] = ['text']
const ALL: readonly ModelInput[] = ['text', 'image', 'pdf', 'audio', 'video']

/**
 * What the price table does not say, the more special name first: maximum output and inputs as the vendors' model
 * pages state them (platform.claude.com, platform.openai.com, ai.google.dev, api-docs.deepseek.com).
 */
const FACTS: readonly (readonly [pattern: string, maxOutputTokens: number, inputs: readonly ModelInput[]])[] = [
  ['claude-3-haiku*', 4096, LOOKS],
  ['claude-3-opus*', 4096, LOOKS],
  ['claude-3-5-haiku*', 8192, SEES],
  ['claude-3-5-sonnet*', 8192, SEES],
  ['claude-3-7-sonnet*', 64_000, SEES],
  ['claude-opus-4-5*', 64_000, SEES],
  ['claude-opus-4-6*', 128_000, SEES],
  ['claude-opus-4*', 32_000, SEES],
  ['claude-sonnet-4*', 64_000, SEES],
  ['claude-haiku-4*', 64_000, SEES],
  ['gpt-4o-audio*', 16_384, ['text', 'audio']],
  ['gpt-4o*', 16_384, SEES],
  ['gpt-4.1*', 32_768, SEES],
  ['gpt-4-turbo*', 4096, LOOKS],
  ['gpt-3.5-turbo*', 4096, READS],
  ['gpt-5*-chat*', 16_384, SEES],
  ['gpt-5*', 128_000, SEES],
  ['gpt-oss-*', 131_072, READS],
  ['o1-mini*', 65_536, READS],
  ['o3-mini*', 100_000, READS],
  ['o1*', 100_000, SEES],
  ['o3*', 100_000, SEES],
  ['o4-mini*', 100_000, SEES],
  ['gemini-2.5*', 65_536, ALL],
  ['gemini-3*', 65_536, ALL],
  ['gemini-2.0*', 8192, ALL],
  ['deepseek-reasoner*', 65_536, READS],
  ['deepseek-chat*', 8192, READS],
]

/** Clients name what they like: beyond this all are looked up again. */
const MAX_KNOWN = 1000
/** Every request asks for the same few. */
const known = new Map<string, ModelFacts>()

/** Facts by the model's name alone, without the maker's name in front. */
export function wellKnownFacts(model: string): ModelFacts {
  const before = known.get(model)
  if (before !== undefined) return before
  const facts = findFacts(model)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(model, facts)
  return facts
}

function findFacts(model: string): ModelFacts {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  const [, maxOutputTokens, inputs] = FACTS.find(([pattern]) => fitsPattern(pattern, name)) ?? []
  return { ...NO_FACTS, maxOutputTokens, inputs }
}

/** Each fact as the first one states it who knows it. */
export function joinFacts(sources: readonly ModelFacts[]): ModelFacts {
  const first = <Name extends keyof ModelFacts>(name: Name): ModelFacts[Name] | undefined =>
    sources.find((facts) => facts[name] !== undefined)?.[name]
  return {
    contextWindow: first('contextWindow'),
    maxOutputTokens: first('maxOutputTokens'),
    inputs: first('inputs'),
  }
}
