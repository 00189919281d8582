import type { UpstreamDialect } from '@relay/format-converter'

import type { ApiFormat } from '../upstream.ts'
import type { ProbeFindings, ProbeJudgement } from './judge-probe.ts'
import type { ProbeName } from './probe-requests.ts'

/** How each question was answered; what was not asked is not there. */
export type ProbeOutcomes = ReadonlyMap<ProbeName, ProbeJudgement['outcome']>

/** What the answers mean for the profile; a question that nobody answered means nothing. */
export function readFindings(apiFormat: ApiFormat, outcomes: ProbeOutcomes, texts: readonly string[]): ProbeFindings {
  const said = (name: ProbeName): boolean | undefined => {
    const outcome = outcomes.get(name)
    return outcome === undefined || outcome === 'skipped' ? undefined : outcome === 'passed'
  }
  const isChat = apiFormat === 'openai-chat'
  const role = isChat && said('developer-role') === false ? ('system' as const) : undefined
  const dialect: Wished<ProbeFindings['dialect']> = {
    includeUsage: isChat ? said('stream-usage') : undefined,
    maxTokensField: isChat ? maxTokensField(said) : undefined,
    parallelToolCalls: apiFormat === 'claude' ? undefined : said('parallel-tools'),
    reasoningField: isChat ? reasoningField(texts) : undefined,
    systemRole: role,
  }
  const model: Wished<ProbeFindings['model']> = { midSystem: said('system-inside') }
  const rest: Wished<Pick<ProbeFindings, 'images' | 'countTokens'>> = {
    images: said('images'),
    countTokens: said('count-tokens'),
  }
  return { dialect: known(dialect), model: known(model), ...known(rest) }
}

type Wished<Shape> = { readonly [Name in keyof Required<Shape>]: Shape[Name] | undefined }

/** Where both names work, or none is kept, nothing is known. */
function maxTokensField(said: (name: ProbeName) => boolean | undefined): UpstreamDialect['maxTokensField'] | undefined {
  const [classic, newer] = [said('max-tokens'), said('max-completion-tokens')]
  if (classic === undefined || newer === undefined || classic === newer) return undefined
  return classic ? 'max_tokens' : 'max_completion_tokens'
}

/** Only what was seen: a model that did not think tells nothing. */
function reasoningField(texts: readonly string[]): UpstreamDialect['reasoningField'] | undefined {
  if (texts.some((text) => /"reasoning_content"\s*:\s*"[^"]/.test(text))) return 'reasoning_content'
  return texts.some((text) => /"reasoning"\s*:\s*"[^"]/.test(text)) ? 'reasoning' : undefined
}

/** Without the members that are `undefined`: they were not found out. */
function known<Shape>(shape: Wished<Shape>): Shape {
  const entries = Object.entries(shape).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Shape // all its members are optional
}
