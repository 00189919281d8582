import type { Candidate } from '@relay/account-store'
import { convertError, type Failure } from '@relay/format-converter'
import {
  buildRequestHeaders,
  buildSiblingUrl,
  resolveTimeouts,
  UpstreamError,
  type UpstreamRequest,
  type UpstreamRoute,
} from '@relay/upstreams'

import { answerHeaders, noteAnswerHead } from '../answer/answer-headers.ts'
import { MAX_ERROR_BYTES } from '../answer/error-body.ts'
import type { PumpRooms } from '../answer/pump.ts'
import { type AttemptOutcome, failedAnswer, ownClass, type Refusal } from '../attempt.ts'
import type { LiveRequest } from '../live-request.ts'
import { readPassedAside } from '../long-work/aside.ts'
import type { LongWork } from '../long-work/long-work.ts'
import { createCredentialHider } from '../prepare/credential-hider.ts'
import type { Envelope } from '../request/envelope.ts'
import { pumpPassage } from './passage-stream.ts'
import { noteUse, usageOf } from './passage-use.ts'
import { type Passage, passageChoice } from './passage.ts'
import type { PassedAnswer, PreparedPassage } from './prepared-passage.ts'
import { beginsLikeJson } from './read-passed.ts'

interface PassageRooms extends PumpRooms {
  readonly longWork: LongWork
}

/** One try at one account. */
export interface PassagePlan {
  readonly live: LiveRequest
  readonly envelope: Envelope
  readonly passage: Passage
  readonly candidate: Candidate
  readonly credential: string | undefined
  readonly route: UpstreamRoute
}

/**
 * Sends a request as it is.
 *
 * @throws UpstreamError where the account's settings do not allow it
 */
export function sendPassage(rooms: PassageRooms, plan: PassagePlan): Promise<AttemptOutcome> {
  const prepared = preparePassage(rooms, plan)
  plan.live.facts.modelSent = plan.candidate.upstreamModel
  return pumpPassage(rooms, prepared)
}

function preparePassage({ longWork }: PassageRooms, plan: PassagePlan): PreparedPassage {
  const { live } = plan
  const { account } = plan.candidate
  const hider = createCredentialHider(plan.credential, passageChoice(account)?.baseUrl)
  const headers: PreparedPassage['headers'] = (contentType, upstreamHeaders) => {
    noteAnswerHead(live, { headers: upstreamHeaders, hider })
    return answerHeaders({ live, contentType, losses: [], upstreamHeaders, hider })
  }
  return {
    live,
    hider,
    headers,
    request: writeRequest(plan),
    refuse: (status, upstreamHeaders, text) => {
      noteAnswerHead(live, { headers: upstreamHeaders, hider })
      const refused = { status, headers: upstreamHeaders, text }
      const failure = failureOf({ ...refused, text: hider.hideInText(text) })
      return failedAnswer(status, ownClass(account, refused, failure) ?? failure)
    },
    deliver: async (answer) => {
      const isJson = answer.contentType.startsWith('application/json')
      if (!isJson && !beginsLikeJson(answer.body)) return deliver(live, answer, headers)
      const aside = { longWork, isWanted: () => !live.isFinished }
      const { failure: trouble, ...said } = await readPassedAside(aside, answer.body)
      if (!isJson && !said.isJson) return deliver(live, answer, headers)
      noteUse(live, { ...said, usage: usageOf(plan.passage.path, said.usage) })
      if (trouble === undefined)
        return deliver(live, live.facts.isStream && said.isCompletion ? asStream(answer) : answer, headers)
      const failure = hider.hideInFailure(trouble)
      const text = Buffer.from(answer.body.subarray(0, MAX_ERROR_BYTES)).toString('utf8')
      return failedAnswer(answer.status, ownClass(account, { ...answer, text }, failure) ?? failure)
    },
  }
}

function writeRequest({ live, envelope, passage, candidate, credential, route }: PassagePlan): UpstreamRequest {
  const { account, upstreamModel } = candidate
  const choice = passageChoice(account)
  if (choice === undefined)
    throw new UpstreamError('base-url-missing', `account "${account.name}" has no such endpoint`)
  const timeouts = resolveTimeouts(account.timeouts)
  const isRenamed = upstreamModel !== envelope.model
  return {
    poolKey: account.id,
    method: 'POST',
    url: buildSiblingUrl(choice.baseUrl, passage.path, live.query),
    headers: buildRequestHeaders({
      account,
      apiFormat: choice.apiFormat,
      credential,
      isSameFormat: true,
      clientHeaders: live.incoming.headers,
      requestId: live.id,
      isStream: live.facts.isStream,
      contentType: passage.contentType,
    }),
    body: isRenamed ? envelope.withMembers(new Map([['model', JSON.stringify(upstreamModel)]])) : envelope.bytes,
    ...route,
    timeouts: {
      connectMs: timeouts.connectMs,
      headersMs: live.facts.isStream ? timeouts.streamHeadersMs : timeouts.wholeHeadersMs,
      idleMs: timeouts.idleMs,
      totalMs: timeouts.totalMs,
    },
  }
}

function failureOf({ status, headers, text }: Refusal): Failure {
  const withDate = { date: new Date().toUTCString(), ...Object.fromEntries(headers) }
  const { failure } = convertError({ from: 'openai-chat', to: 'openai-chat', status, body: text, headers: withDate })
  return ENDPOINT_MISSING.has(status) && failure.kind !== 'not_found' ? NO_ENDPOINT : failure
}

/** Statuses by which servers say that they do not have an endpoint, in whatever words: another one may, and this one is well. */
const ENDPOINT_MISSING = new Set([404, 405, 501])
const NO_ENDPOINT: Failure = { kind: 'not_found', message: 'the upstream does not have this endpoint' }

/** The events of a completion read like the whole: it is the only one of its stream. */
function asStream(answer: PassedAnswer): PassedAnswer {
  const event = Buffer.from(answer.body)
    .toString('utf8')
    .replaceAll(/[\r\n]+/g, ' ') // which stand between JSON's words alone
  const body = Buffer.from(`data: ${event.trim()}\n\ndata: [DONE]\n\n`)
  return { ...answer, contentType: 'text/event-stream; charset=utf-8', body }
}

function deliver(live: LiveRequest, answer: PassedAnswer, headers: PreparedPassage['headers']): AttemptOutcome {
  const { facts, outgoing } = live
  const { contentType, body } = answer
  facts.firstTokenMs = live.elapsedMs()
  facts.bytesOut = body.length
  if (live.isFinished) return { type: 'answered' }
  outgoing.writeHead(200, { ...headers(contentType, answer.headers), 'content-length': body.length })
  outgoing.end(body)
  live.finish({ reason: 'completed', status: 200 })
  return { type: 'answered' }
}
