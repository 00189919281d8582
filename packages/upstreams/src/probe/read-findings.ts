import type { UpstreamDialect } from '@relay/format-converter'

import type { ApiFormat } from '../upstream.ts'
import type { ProbeFindings, ProbeJudgement } from './judge-probe.ts'
import type { ProbeName } from './probe-requests.ts'

/** How a question was answered. */
export interface ProbeOutcome {
  readonly outcome: ProbeJudgement['outcome']
  /** The upstream took the request, whatever it made of it. */
  readonly isTaken: boolean
}

/** How each question was answered; what was not asked is not there. */
export type ProbeOutcomes = ReadonlyMap<ProbeName, ProbeOutcome>

/** What the answers mean for the profile; a question that nobody answered means nothing. */
export function readFindings(apiFormat: ApiFormat, outcomes: ProbeOutcomes, texts: readonly string[]): ProbeFindings {
  const said = (name: ProbeName): boolean | undefined => {
    const outcome = outcomes.get(name)?.outcome
    return outcome === undefined || outcome === 'skipped' ? undefined : outcome === 'passed'
  }
  const isChat = apiFormat === 'openai-chat'
  const role = isChat && said('developer-role') === false ? ('system' as const) : undefined
  const isMessages = apiFormat === 'claude'
  const dialect: Wished<ProbeFindings['dialect']> = {
    includeUsage: isChat ? said('stream-usage') : undefined,
    lateSystem: isMessages ? undefined : said('system-inside'),
    maxTokensField: isChat ? maxTokensField(said, outcomes) : undefined,
    parallelToolCalls: isMessages ? undefined : said('parallel-tools'),
    reasoningField: isChat ? reasoningField(texts) : undefined,
    systemRole: role,
  }
  const model: Wished<ProbeFindings['model']> = { midSystem: isMessages ? said('system-inside') : undefined }
  const rest: Wished<Pick<ProbeFindings, 'images' | 'countTokens'>> = {
    images: said('images'),
    countTokens: said('count-tokens'),
  }
  return { dialect: known(dialect), model: known(model), ...known(rest) }
}

type Wished<Shape> = { readonly [Name in keyof Required<Shape>]: Shape[Name] | undefined }

/** Where both names are kept nothing is known; where neither is, the one that is not refused is meant. */
function maxTokensField(
  said: (name: ProbeName) => boolean | undefined,
  outcomes: ProbeOutcomes,
): UpstreamDialect['maxTokensField'] | undefined {
  const [classic, newer] = [said('max-tokens'), said('max-completion-tokens')]
  if (classic === undefined || newer === undefined) return undefined
  if (classic !== newer) return classic ? 'max_tokens' : 'max_completion_tokens'
  const takes = (name: ProbeName): boolean => outcomes.get(name)?.isTaken === true
  if (classic || takes('max-tokens') === takes('max-completion-tokens')) return undefined
  return takes('max-tokens') ? 'max_tokens' : 'max_completion_tokens'
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
