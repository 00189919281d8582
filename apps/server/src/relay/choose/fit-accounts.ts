import { type Account, type Candidate, isNative, type Ranking, type RejectionReason } from '@relay/account-store'
import type { UpstreamProfile } from '@relay/format-converter'

import type { ModelFacts } from '../../meter/prices/model-price.ts'
import { mayExceed, type NeedyRequest, readNeeds, type RequestNeeds } from '../request/request-needs.ts'
import { wayTo } from './way-to.ts'

/** What is known of models, by account. */
export type FactsOf = (account: Account, model: string) => ModelFacts

/** A request whose contents are compared with what accounts can take. */
export interface FittingRequest extends NeedyRequest {
  readonly factsOf: FactsOf
}

/** A ranking, and whether it leaves a search of the web to nobody. */
export interface Fit {
  readonly ranking: Ranking
  /** The request is nothing but a search, and none of the accounts that would serve it can search. */
  readonly isSearchInVain: boolean
  /** Accounts that could take the whole conversation, where it goes on at one only. */
  readonly spare?: readonly Candidate[]
}

/**
 * Leaves out accounts that cannot take what a request contains: images, documents, a search of the web or another tool that
 * a vendor has, a prompt of its size. Where none can, all stay: the conversion reports what it cannot carry, and the upstream
 * says what it refuses. A prompt that seems too long for every one goes where most room is: its size was only estimated.
 */
export function fitAccounts(ranking: Ranking, request: FittingRequest): Fit | Promise<Fit> {
  const { candidates } = ranking
  const [first] = candidates
  const only = candidates.length === 1 ? first : undefined
  // The usual case is told without a look at the request.
  if (first === undefined || (only !== undefined && isNative(only.account, request.clientFormat))) return whole(ranking)
  const needs = readNeeds(request)
  if (only !== undefined && !lacksSearch(only, needs, request)) return whole(ranking)
  return fitByNeeds(ranking, needs, request)
}

async function fitByNeeds(ranking: Ranking, needs: RequestNeeds, request: FittingRequest): Promise<Fit> {
  const { candidates, rejected } = ranking
  const verdicts = await Promise.all(
    candidates.map(async (candidate) => ({
      candidate,
      reason: missing(candidate, needs, request) ?? (await tooLong(candidate, needs, request)),
    })),
  )
  const fitting = verdicts.filter(({ reason }) => reason === undefined).map(({ candidate }) => candidate)
  const isSearchInVain = needs.webSearch() === 'only' && verdicts.every(({ reason }) => reason === 'no-web-search')
  if (fitting.length === 0) {
    const isOnlyTooLong = verdicts.every(({ reason }) => reason === 'prompt-too-long')
    return { ranking: isOnlyTooLong ? roomiestFirst(ranking, request) : ranking, isSearchInVain }
  }
  const unfit = verdicts.flatMap(({ candidate: { account }, reason }) =>
    reason === undefined ? [] : [{ account, reason, until: undefined }],
  )
  return { ranking: { candidates: fitting, rejected: [...rejected, ...unfit] }, isSearchInVain: false }
}

/** All stay. */
function whole(ranking: Ranking): Fit {
  return { ranking, isSearchInVain: false }
}

function roomiestFirst(ranking: Ranking, { factsOf }: FittingRequest): Ranking {
  const roomOf = ({ account, upstreamModel }: Candidate): number => factsOf(account, upstreamModel).contextWindow ?? 0
  return { ...ranking, candidates: ranking.candidates.toSorted((left, right) => roomOf(right) - roomOf(left)) }
}

/** The request is nothing but a search, and this account cannot search. */
function lacksSearch(candidate: Candidate, needs: RequestNeeds, request: FittingRequest): boolean {
  return !takesSearch(candidate, request) && needs.webSearch() === 'only'
}

function missing(candidate: Candidate, needs: RequestNeeds, request: FittingRequest): RejectionReason | undefined {
  const takes = takenBy(candidate, request)
  if (!takesSearch(candidate, request) && needs.webSearch() !== 'none') return 'no-web-search'
  if (lacksTools(takes, needs)) return 'no-server-tools'
  if (!takes.images && needs.images()) return 'no-images'
  return !takes.files && needs.files() ? 'no-files' : undefined
}

function lacksTools(takes: Taken, needs: RequestNeeds): boolean {
  return (!takes.serverTools && needs.serverTools()) || (!takes.mcpServers && needs.mcpServers())
}

interface Taken {
  /** Those of the client's own format. */
  readonly serverTools: boolean
  readonly mcpServers: boolean
  readonly images: boolean
  readonly files: boolean
}

/** A search that is asked for in the upstream's own format may be known to it. */
function takesSearch({ account, upstreamModel }: Candidate, { clientFormat }: FittingRequest): boolean {
  const way = wayTo(account, clientFormat)
  const { choice } = way
  if (choice.format === clientFormat) return true
  const { dialect } = way.profileOf(upstreamModel)
  return choice.format === 'anthropic-messages' ? dialect.webSearchTool !== '' : dialect.webSearchOptions
}

/** What an account can take otherwise, as far as that is known. */
function takenBy({ account, upstreamModel }: Candidate, { clientFormat, factsOf }: FittingRequest): Taken {
  const way = wayTo(account, clientFormat)
  const { choice } = way
  const { dialect } = way.profileOf(upstreamModel)
  const { inputs } = factsOf(account, upstreamModel)
  const isMessages = choice.format === 'anthropic-messages'
  const isOwn = choice.format === clientFormat
  const hasMcp = isMessages ? dialect.mcpBeta !== '' : choice.format === 'openai-responses'
  return {
    serverTools: isOwn,
    mcpServers: hasMcp || isOwn,
    images: !dialect.contentMustBeString && inputs?.includes('image') !== false,
    files: (isMessages || holdsFiles(dialect)) && inputs?.includes('pdf') !== false,
  }
}

/** Of a dialect of OpenAI's: a file has no place in a content that is one text. */
function holdsFiles({ files, contentMustBeString }: UpstreamProfile['dialect']): boolean {
  return files && !contentMustBeString
}

async function tooLong(
  { account, upstreamModel }: Candidate,
  needs: RequestNeeds,
  { envelope, factsOf }: FittingRequest,
): Promise<RejectionReason | undefined> {
  const { contextWindow } = factsOf(account, upstreamModel)
  if (contextWindow === undefined || !mayExceed(envelope, contextWindow)) return undefined
  return (await needs.inputTokens()) > contextWindow ? 'prompt-too-long' : undefined
}
