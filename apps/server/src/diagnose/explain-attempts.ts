import type { Account, Candidate, Ranking, Rejection } from '@relay/account-store'
import { ConversionError, type FormatName, type Loss } from '@relay/format-converter'

import { authorise } from '../auth/authenticate.ts'
import { noAccountLeft, ofAllModels } from '../relay/choose/no-account-left.ts'
import { type AskingRequest, prepareAttempt, type PreparedAttempt } from '../relay/prepare/prepare-attempt.ts'
import type { ResponseState } from '../relay/responses/response-state.ts'
import { MAX_ATTEMPTS } from '../relay/tries.ts'
import { failureOf, ServerError } from '../server-error.ts'
import type { ExplainedChoice, ExplainedRequest, explainChoices } from './explain-choice.ts'
import type { ExplainRooms, SentRequest } from './explain-request.ts'

/** How far a request would come. */
export interface Asked {
  /** Of the model that is asked for at the end. */
  readonly shown: Ranking
  readonly sent: AskedAccount | undefined
  readonly trouble: unknown
}

export interface AskedAccount {
  readonly account: Account
  readonly request: SentRequest
  readonly losses: readonly Loss[]
}

export interface Chain {
  readonly choices: Awaited<ReturnType<typeof explainChoices>>
  /** What the request builds on cannot be found. */
  readonly trouble: ServerError | undefined
}

export type ExplainedState = ExplainedRequest & {
  readonly live: AskingRequest
  readonly state: ResponseState | undefined
}

/** Writes the request for one account after the other, as if each that cannot carry it had failed. */
export async function askInTurn(
  rooms: ExplainRooms,
  request: ExplainedState,
  { choices, trouble }: Chain,
): Promise<Asked> {
  const { envelope, question } = request
  const { format, key } = question
  const first = choices.find(({ ranking }) => ranking.candidates.length > 0) ?? choices[0]
  const end: { -readonly [Name in keyof Asked]: Asked[Name] } = { shown: first.ranking, sent: undefined, trouble }
  if (trouble !== undefined) return end
  let triesLeft = MAX_ATTEMPTS
  try {
    if (key !== undefined) authorise(key, { format, model: envelope.model })
    for (const [index, choice] of choices.entries()) {
      refuse(choice, format)
      const hasFallback = index < choices.length - 1
      const left = await askAccounts(rooms, request, { ...choice, triesLeft, hasFallback })
      if (left.sent !== undefined) return left
      if (left.trouble !== undefined) Object.assign(end, left)
      triesLeft -= left.tries
    }
    end.trouble ??= noAccountLeft(ofAllModels(choices.map(({ ranking }) => ranking)), envelope.model)
  } catch (error) {
    end.trouble = error
  }
  return end
}

const IN_VAIN =
  'no account that may take this search can search the web: the client gets the search error of its format'

/** @throws ServerError where no account of the choice is asked at all */
function refuse({ trouble, isSearchInVain }: ExplainedChoice, format: FormatName): void {
  if (trouble !== undefined) throw trouble
  if (isSearchInVain && format === 'anthropic-messages')
    throw new ServerError('unsupported_feature', IN_VAIN, { status: 200 })
}

/** @throws what no other account would do better */
async function askAccounts(
  rooms: ExplainRooms,
  request: ExplainedState,
  { triesLeft, hasFallback, without, ...choice }: AskedChoice,
): Promise<Asked & { readonly tries: number }> {
  const refusing: Rejection[] = []
  let { ranking } = choice
  let trouble: unknown
  while (refusing.length < triesLeft) {
    const [candidate, ...others] = ranking.candidates
    if (candidate === undefined) break
    try {
      const attempt = await prepare(rooms, request, candidate)
      const losses = [...attempt.leftOut, ...attempt.exchange.losses]
      const sent = { account: candidate.account, request: describeSent(attempt, candidate), losses }
      return { shown: withRefusing(ranking, refusing), sent, trouble, tries: refusing.length }
    } catch (error) {
      if (ConversionError.is(error) && failureOf(error).kind !== 'unsupported_feature') throw error
      trouble = error
      refusing.push({ account: candidate.account, reason: 'cannot-carry', until: undefined })
      const mayGoOn = others.length > 0 || hasFallback
      ranking = mayGoOn ? (await without(idsOf(refusing))).ranking : { ...ranking, candidates: [] }
    }
  }
  return { shown: withRefusing(ranking, refusing), sent: undefined, trouble, tries: refusing.length }
}

interface AskedChoice extends ExplainedChoice {
  readonly triesLeft: number
  /** Another model may be asked for: then those that take less of the request are asked first. */
  readonly hasFallback: boolean
}

function idsOf(rejections: readonly Rejection[]): ReadonlySet<string> {
  return new Set(rejections.map(({ account }) => account.id))
}

function withRefusing({ candidates, rejected }: Ranking, refusing: readonly Rejection[]): Ranking {
  return { candidates, rejected: [...rejected.filter(({ reason }) => reason !== 'tried'), ...refusing] }
}

async function prepare(
  rooms: ExplainRooms,
  { live, envelope, state }: ExplainedState,
  candidate: Candidate,
): Promise<PreparedAttempt> {
  return prepareAttempt({
    longWork: rooms.longWork,
    live,
    envelope,
    state,
    candidate,
    credential: undefined,
    route: {},
    rules: await rooms.rules.rulesFor(candidate.account),
    withoutProofs: false,
    refusedParameters: rooms.refusedParameters?.(candidate) ?? [],
    nativePath: undefined,
    onContent: undefined,
  })
}

function describeSent(attempt: PreparedAttempt, { account, upstreamModel }: Candidate): SentRequest {
  const { request, choice, exchange, isSameFormat } = attempt
  const { origin, pathname } = new URL(request.url)
  return {
    accountId: account.id,
    accountName: account.name,
    format: choice.format,
    model: upstreamModel,
    profileId: exchange.profile.id,
    url: `${origin}${pathname}`,
    isSameFormat,
    body: textOf(request.body),
  }
}

function textOf(body: Uint8Array | string | undefined): string {
  return typeof body === 'string' ? body : Buffer.from(body ?? []).toString('utf8')
}
