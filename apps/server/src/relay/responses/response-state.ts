import { type Account, type AccountStore, isNative, type Ranking, type RelayKey } from '@relay/account-store'
import { type JsonObject, toJsonText } from '@relay/format-converter'

import type { Log } from '../../observe/log.ts'
import { ServerError } from '../../server-error.ts'
import type { AccountMemory } from '../choose/account-memory.ts'
import { noAccountLeft } from '../choose/no-account-left.ts'
import { type Envelope, openEnvelope } from '../request/envelope.ts'
import { type AnswerKeeper, createAnswerKeeper } from './answer-keeper.ts'
import { allItems, type Conversation, readConversation } from './read-conversation.ts'
import { isReplayable } from './response-items.ts'

const FORMAT = 'openai-responses'
/** Others may be there, and would do for whoever sends the whole conversation. */
const KEEPER_IS_OUT =
  'the account that keeps the response to go on from is out for now; wait, or send the whole conversation as input'
const PROOFS = 'reasoning.encrypted_content'

/** What a Responses request needs beside an account: what it builds on, and where its answer is kept. */
export interface ResponseState {
  /**
   * The accounts that can go on from what the request builds on: any, where the whole conversation is known here; else
   * the one that made it. Where that is not known, and the relay key leaves state to upstreams, any that speaks the
   * Responses API may know it.
   *
   * @throws ServerError `previous_response_not_found` when there is none
   */
  choose(ranking: Ranking): Ranking
  /** The request for an account. */
  requestFor(account: Account, isSameFormat: boolean): StatefulRequest
  /**
   * The request with its whole conversation, whoever it is for.
   *
   * @throws ServerError `previous_response_not_found`
   */
  whole(): Envelope
  /** The upstream that kept the conversation has lost it.
   * @returns whether the whole of it can be sent instead */
  forgetHolder(): boolean
  /** Notes who made an answer that passed as it came. */
  noteAnswer(answerId: string, account: Account): void
}

/** A request that says everything an account needs. */
export interface StatefulRequest {
  readonly envelope: Envelope
  /** Members that the answer repeats, as the client gave them. */
  readonly repeats: JsonObject
  /** Present when the answer is to be kept. */
  readonly keeper: AnswerKeeper | undefined
}

export interface ResponseRooms {
  readonly store: AccountStore
  readonly log: Log
  /** Where responses are that upstreams keep. */
  readonly holders: AccountMemory
}

export interface ResponseRequest {
  readonly key: RelayKey
  readonly envelope: Envelope
  readonly requestId: string
}

interface State {
  readonly rooms: ResponseRooms
  readonly request: ResponseRequest
  readonly conversation: Conversation
  /** The answer is kept here. */
  readonly isKept: boolean
  /** The account whose upstream keeps what the request builds on. */
  holderId: string | undefined
  readonly rewritten: Map<'same' | 'converted', Envelope>
}

/**
 * Looks up what a Responses request builds on.
 *
 * @throws ServerError `previous_response_not_found` for another key's response; `overloaded` when the store cannot be read
 */
export async function openResponseState(rooms: ResponseRooms, request: ResponseRequest): Promise<ResponseState> {
  const { key, envelope } = request
  const conversation = await readConversation(rooms.store, key, envelope)
  const state: State = {
    rooms,
    request,
    conversation,
    isKept: key.responseTtlMs > 0 && envelope.member('store') !== false && conversation.isWhole,
    holderId: await findHolder(rooms, key, conversation),
    rewritten: new Map(),
  }
  return {
    choose: (ranking) => choose(state, ranking),
    requestFor: (account, isSameFormat) => requestFor(state, account, isSameFormat),
    whole: () => {
      if (!conversation.isWhole) throw notFound(key)
      return rewrite(state, false)
    },
    forgetHolder: () => {
      const canReplace = state.holderId !== undefined && conversation.isWhole
      state.holderId = undefined
      return canReplace
    },
    noteAnswer: (answerId, account) => {
      if (envelope.member('store') === false || (key.responseTtlMs > 0 && !keepsResponses(account))) return
      rooms.holders.remember(answerId, { keyId: key.id, accountId: account.id })
    },
  }
}

async function findHolder(
  rooms: ResponseRooms,
  key: RelayKey,
  { previousId, earlier }: Conversation,
): Promise<string | undefined> {
  if (earlier !== undefined || previousId === undefined) return earlier?.holderId
  await rooms.holders.recall(previousId)
  const holder = rooms.holders.find(previousId)
  if (holder !== undefined && holder.keyId !== key.id) throw notFound(key)
  return holder?.accountId
}

function choose({ conversation, holderId, request }: State, ranking: Ranking): Ranking {
  const { isStateful, isWhole } = conversation
  if (!isStateful) return ranking
  const isHolder = (account: Account): boolean => account.id === holderId
  if (isWhole) {
    const candidates = ranking.candidates.toSorted(
      (left, right) => Number(isHolder(right.account)) - Number(isHolder(left.account)),
    )
    return { ...ranking, candidates }
  }
  // A server that ignores `previous_response_id` would answer without the conversation, and nobody would see it.
  const mayAskAround = holderId === undefined && request.key.responseTtlMs === 0
  const canServe = (account: Account): boolean => (mayAskAround ? isNative(account, FORMAT) : isHolder(account))
  const candidates = ranking.candidates.filter(({ account }) => canServe(account))
  const rejected = ranking.rejected.filter(({ account }) => canServe(account))
  if (candidates.length > 0) return { candidates, rejected }
  // One that could go on but is out for a while is worth waiting for.
  const trouble = noAccountLeft(
    { candidates, rejected },
    request.envelope.model,
    mayAskAround ? undefined : KEEPER_IS_OUT,
  )
  throw trouble.failure.kind === 'not_found' && ranking.candidates.length > 0 ? notFound(request.key) : trouble
}

function requestFor(state: State, account: Account, isSameFormat: boolean): StatefulRequest {
  const { request, conversation, isKept } = state
  const { previousId, isStateful, isWhole } = conversation
  const repeats: JsonObject = { store: isKept, ...(previousId !== undefined && { previous_response_id: previousId }) }
  const isForHolder = isSameFormat && account.id === state.holderId
  const isAsItCame = isForHolder || !isWhole || (isSameFormat && !isStateful)
  return {
    envelope: isAsItCame ? request.envelope : rewrite(state, isSameFormat),
    repeats,
    keeper: isKept ? keeperFor(state, isSameFormat && keepsResponses(account) ? account.id : undefined) : undefined,
  }
}

/** Only of OpenAI itself it is known that it keeps what it says it keeps. */
function keepsResponses({ type }: Account): boolean {
  return type === 'openai-responses'
}

/** The request with its whole conversation. What is kept has to hold the proofs of reasoning, whoever asked for them. */
function rewrite(state: State, isSameFormat: boolean): Envelope {
  const { request, conversation, isKept, rewritten } = state
  const { envelope } = request
  const kind = isSameFormat ? 'same' : 'converted'
  const known = rewritten.get(kind)
  if (known !== undefined) return known
  const edits = new Map<string, string | undefined>()
  if (conversation.isStateful) {
    const items = allItems(conversation)
    edits.set('input', toJsonText(isSameFormat ? items.filter(isReplayable) : items))
    if (conversation.previousId !== undefined) edits.set('previous_response_id', undefined)
  }
  if (isKept && !isSameFormat) edits.set('include', toJsonText(withProofs(envelope.member('include'))))
  const opened = edits.size === 0 ? envelope : openEnvelope(envelope.withMembers(edits), { format: FORMAT })
  rewritten.set(kind, opened)
  return opened
}

function withProofs(include: unknown): readonly unknown[] {
  const asked: readonly unknown[] = Array.isArray(include) ? include : []
  return asked.includes(PROOFS) ? asked : [...asked, PROOFS]
}

function keeperFor({ rooms, request, conversation }: State, holderId: string | undefined): AnswerKeeper {
  const { store, log } = rooms
  const { key, requestId } = request
  const { ownItems } = conversation
  return createAnswerKeeper({ store, log, requestId, key, input: allItems(conversation), ownItems, holderId })
}

function notFound(key: RelayKey): ServerError {
  const why =
    key.responseTtlMs > 0
      ? 'no response of this id is kept for this relay key, or its time is over'
      : 'responses are not kept for this relay key, and no account that may serve the model keeps them'
  return new ServerError('previous_response_not_found', `${why}; send the whole conversation as input`)
}
