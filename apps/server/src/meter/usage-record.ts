import type { Account, TokenCounts, UsageRecord, UsageSource } from '@relay/account-store'
import { redact, type Usage } from '@relay/format-converter'

import { withoutQuotes } from '../observe/without-quotes.ts'
import type { LiveRequest, RequestEnd } from '../relay/live-request.ts'
import type { RequestFacts } from '../relay/request-facts.ts'
import type { Cost, PriceBook, PricedRequest } from './prices/price-book.ts'
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
  const last = countTokens(facts)
  const cost = costOf(live, { ...last, end }, prices)
  const { counted, costMicroUsd, costSource } = withEarlier({ counted: last, ...cost }, earlierCosts(live, prices))
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
    endpoint: live.path,
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
    errorMessage: end.message === undefined ? undefined : redact(withoutQuotes(end.message, facts.asked)),
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
  return usage.inputUncached !== undefined || usage.output !== undefined || (usage.cacheRead ?? 0) > 0
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

/** What an attempt that failed cost, by what its upstream had counted. */
export interface EarlierCost extends Counted, Cost {
  readonly account: Account
}

/** What the attempts before the last one cost. */
export function earlierCosts({ facts, startedAt: at }: LiveRequest, prices: PriceBook): readonly EarlierCost[] {
  return (facts.earlierUses ?? []).map(({ account, usage, modelSent, modelServed }) => {
    const tokens = toTokenCounts(usage)
    return {
      account,
      tokens,
      usageSource: 'reported',
      ...prices.costOf(priced({ account, usage, tokens, modelSent, modelServed, at })),
    }
  })
}

interface Total extends Cost {
  readonly counted: Counted
}

/** A record is of the whole request: the sum over records is the sum over what upstreams reported. */
function withEarlier(last: Total, earlier: readonly EarlierCost[]): Total {
  return earlier.reduce((sum, { tokens, ...cost }): Total => {
    const usageSource = sum.counted.usageSource === 'missing' ? 'reported' : sum.counted.usageSource
    return { counted: { tokens: addCounts(sum.counted.tokens, tokens), usageSource }, ...addCosts(sum, cost) }
  }, last)
}

function addCounts(left: TokenCounts, right: TokenCounts): TokenCounts {
  const add = (kind: keyof TokenCounts): number | undefined =>
    left[kind] === undefined ? right[kind] : left[kind] + (right[kind] ?? 0)
  return {
    inputTokens: add('inputTokens'),
    cacheReadTokens: add('cacheReadTokens'),
    cacheWrite5mTokens: add('cacheWrite5mTokens'),
    cacheWrite1hTokens: add('cacheWrite1hTokens'),
    cacheWriteOtherTokens: add('cacheWriteOtherTokens'),
    outputTokens: add('outputTokens'),
    reasoningTokens: add('reasoningTokens'),
  }
}

/** What is not known of a part is not known of the whole. */
function addCosts(left: Cost, right: Cost): Cost {
  if (left.costMicroUsd === undefined || right.costMicroUsd === undefined) return UNPRICED
  const costSource = left.costSource === right.costSource ? left.costSource : 'computed'
  return { costMicroUsd: left.costMicroUsd + right.costMicroUsd, costSource }
}

const UNPRICED: Cost = { costMicroUsd: undefined, costSource: 'unknown' }

/** A faster service has a price of its own, whatever its tier is called. */
function tierOf(usage: Usage | undefined): string | undefined {
  return usage?.speed === undefined || usage.speed === 'standard' ? usage?.serviceTier : usage.speed
}

interface Outcome extends Counted {
  readonly end: RequestEnd
}

/**
 * What was never sent costs nothing, and neither does an attempt that failed, unless the upstream counted something for it
 * (`reliability` 5.3). What a part of an answer has cost is not known.
 */
function costOf({ facts, startedAt }: LiveRequest, outcome: Outcome, prices: PriceBook): Cost {
  const { account, usage, firstTokenMs, isSent } = facts
  const isInVain = !isSent || IN_VAIN.has(outcome.end.reason)
  const isFree = isInVain && outcome.usageSource === 'missing' && firstTokenMs === undefined
  if (account === undefined || isFree) return FREE
  const { modelSent, modelServed } = facts
  return prices.costOf(priced({ account, usage, tokens: outcome.tokens, modelSent, modelServed, at: startedAt }))
}

interface PricedUse extends Pick<RequestFacts, 'usage' | 'modelSent' | 'modelServed'> {
  readonly account: Account
  readonly tokens: TokenCounts
  readonly at: number
}

function priced({ account, usage, tokens, modelSent, modelServed, at }: PricedUse): PricedRequest {
  return {
    account,
    models: [modelServed, modelSent],
    tokens,
    webSearches: usage?.webSearches,
    inputAudioTokens: usage?.inputAudio,
    outputAudioTokens: usage?.outputAudio,
    serviceTier: tierOf(usage),
    reportedCost: usage?.reportedCostUsd,
    at,
  }
}

const FREE: Cost = { costMicroUsd: 0, costSource: 'computed' }
const IN_VAIN: ReadonlySet<RequestEnd['reason']> = new Set(['rejected', 'upstream_error', 'upstream_timeout'])

/** The session as the client's headers name it. */
export function sessionOf(live: HeaderHolder): string | undefined {
  return headerOf(live, SESSION_HEADERS)
}

interface HeaderHolder {
  readonly incoming: Pick<LiveRequest['incoming'], 'headers'>
}

function headerOf({ incoming }: HeaderHolder, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = incoming.headers[name]
    if (typeof value === 'string' && value !== '') return value.slice(0, 200)
  }
  return undefined
}
