import type { TokenCounts, UsageRecord, UsageSource } from '@relay/account-store'
import { redact, type Usage } from '@relay/format-converter'

import type { LiveRequest, RequestEnd } from '../relay/live-request.ts'
import type { RequestFacts } from '../relay/request-facts.ts'
import type { Cost, PriceBook } from './prices/price-book.ts'
import { recordedLosses } from './shown-losses.ts'

const UNKNOWN: TokenCounts = {
  inputTokens: undefined,
  cacheReadTokens: undefined,
  cacheWrite5mTokens: undefined,
  cacheWrite1hTokens: undefined,
  cacheWriteOtherTokens: undefined,
  outputTokens: undefined,
  reasoningTokens: undefined,
}

/** Headers in which clients name their session, the most specific first (see the clients' own documents). */
const SESSION_HEADERS = ['x-claude-code-session-id', 'session-id', 'x-session-id', 'x-session-affinity', 'thread-id']

/** The record of a finished request; `undefined` for a look-up, for one that never showed a valid key (it is nobody's), and for one that a limit kept out (it is counted as such). */
export function usageRecord(live: LiveRequest, end: RequestEnd, prices: PriceBook): UsageRecord | undefined {
  const { facts } = live
  const { key, account } = facts
  if (key === undefined || live.isLookup || facts.isKeptOut === true) return undefined
  const counted = countTokens(facts)
  const { costMicroUsd, costSource } = costOf(live, { ...counted, end }, prices)
  return {
    requestId: live.id,
    startedAt: live.startedAt,
    keyId: key.id,
    keyName: key.name,
    owner: key.owner,
    team: key.team,
    accountId: account?.id,
    accountName: account?.name,
    modelAsked: facts.model,
    modelSent: facts.modelSent,
    modelServed: facts.modelServed,
    clientFormat: live.format,
    upstreamFormat: facts.upstreamFormat,
    isStream: facts.isStream,
    tokens: counted.tokens,
    usageSource: counted.usageSource,
    extras: extrasOf(facts.usage),
    costMicroUsd,
    costSource,
    serviceTier: tierOf(facts.usage),
    status: end.status,
    reason: end.reason,
    attempts: facts.attempts,
    firstTokenMs: facts.firstTokenMs,
    durationMs: live.elapsedMs(),
    losses: recordedLosses(facts),
    sessionId: sessionOf(live),
    client: headerOf(live, ['user-agent']),
    tags: facts.tags ?? NO_TAGS,
    upstreamRequestId: facts.upstreamRequestId,
    errorMessage: end.message === undefined ? undefined : redact(end.message),
    isDemo: account?.isDemo === true,
  }
}

const NO_TAGS: UsageRecord['tags'] = {}

interface Counted {
  readonly tokens: TokenCounts
  readonly usageSource: UsageSource
}

/** What the upstream reported wins, also a zero; an answer without a number is estimated and marked; no answer is no usage. */
function countTokens({ usage, outputEstimate, bodyBytes }: RequestFacts): Counted {
  if (usage !== undefined && hasCounts(usage)) {
    return { tokens: toTokenCounts(usage), usageSource: usage.isEstimated === true ? 'estimated' : 'reported' }
  }
  if (outputEstimate === undefined || outputEstimate === 0) return { tokens: UNKNOWN, usageSource: 'missing' }
  const tokens = { ...UNKNOWN, inputTokens: Math.ceil(bodyBytes / 4), outputTokens: outputEstimate }
  return { tokens, usageSource: 'estimated' }
}

function hasCounts(usage: Usage): boolean {
  return usage.inputUncached !== undefined || usage.output !== undefined || usage.cacheRead !== undefined
}

function toTokenCounts(usage: Usage): TokenCounts {
  return {
    inputTokens: usage.inputUncached,
    cacheReadTokens: usage.cacheRead,
    cacheWrite5mTokens: usage.cacheWrite5m,
    cacheWrite1hTokens: usage.cacheWrite1h,
    cacheWriteOtherTokens: usage.cacheWriteOther,
    outputTokens: usage.output,
    reasoningTokens: usage.reasoning,
  }
}

function extrasOf(usage: Usage | undefined): UsageRecord['extras'] {
  return {
    webSearches: usage?.webSearches,
    inputAudioTokens: usage?.inputAudio,
    outputAudioTokens: usage?.outputAudio,
  }
}

/** A faster service has a price of its own, whatever its tier is called. */
function tierOf(usage: Usage | undefined): string | undefined {
  return usage?.speed === undefined || usage.speed === 'standard' ? usage?.serviceTier : usage.speed
}

interface Outcome extends Counted {
  readonly end: RequestEnd
}

/** An attempt that failed costs nothing, unless the upstream counted something for it (`reliability` 5.3). */
function costOf({ facts, startedAt }: LiveRequest, outcome: Outcome, prices: PriceBook): Cost {
  const { account, usage } = facts
  if (account === undefined || (outcome.usageSource === 'missing' && IN_VAIN.has(outcome.end.reason))) return FREE
  return prices.costOf({
    account,
    models: [facts.modelServed, facts.modelSent],
    tokens: outcome.tokens,
    webSearches: usage?.webSearches,
    inputAudioTokens: usage?.inputAudio,
    outputAudioTokens: usage?.outputAudio,
    serviceTier: tierOf(usage),
    reportedCost: usage?.reportedCostUsd,
    at: startedAt,
  })
}

const FREE: Cost = { costMicroUsd: 0, costSource: 'computed' }
const IN_VAIN: ReadonlySet<RequestEnd['reason']> = new Set(['rejected', 'upstream_error', 'upstream_timeout'])

/** The session as the client's headers name it. */
export function sessionOf(live: LiveRequest): string | undefined {
  return headerOf(live, SESSION_HEADERS)
}

function headerOf({ incoming }: LiveRequest, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = incoming.headers[name]
    if (typeof value === 'string' && value !== '') return value.slice(0, 200)
  }
  return undefined
}
