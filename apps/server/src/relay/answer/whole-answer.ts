import { ConversionError, parseBody } from '@relay/format-converter'
import type { WholeAnswer, WholeOptions } from '@relay/upstreams'

import { failureOf } from '../../server-error.ts'
import { type AttemptOutcome, failedAnswer, failedTransport, ownClass, refusedAnswer } from '../attempt.ts'
import type { LiveRequest } from '../live-request.ts'
import { readAnswerAside } from '../long-work/aside.ts'
import type { LongWork } from '../long-work/long-work.ts'
import type { PreparedAttempt } from '../prepare/prepare-attempt.ts'
import { answerHeaders, noteAnswerHead } from './answer-headers.ts'
import { estimateOutput } from './estimate-output.ts'
import type { PumpRooms } from './pump.ts'
import type { ReadAnswer } from './read-answer.ts'
import { watchEvents } from './watch-events.ts'

export interface WholeRooms extends Pick<PumpRooms, 'sender' | 'rhythm'> {
  readonly longWork: LongWork
}

interface Reading {
  readonly live: LiveRequest
  readonly attempt: PreparedAttempt
  readonly longWork: LongWork
}

/**
 * Sends a request whose answer comes in one piece. It is read to its end before its first byte goes to the client, so
 * that a cut one is a failed attempt and not half an answer.
 */
export async function wholeAnswer(
  { sender, rhythm, longWork }: WholeRooms,
  live: LiveRequest,
  attempt: PreparedAttempt,
): Promise<AttemptOutcome> {
  const options: WholeOptions = {
    onCall: (abort) => live.own(abort),
    onSending: () => live.noteSending(),
    maxErrorMs: rhythm.refusalMs,
    watch: watchEvents,
    lastWordMs: rhythm.lastWordMs,
  }
  const result = await sender.sendWhole(attempt.request, options)
  if (!result.ok) return failedTransport(result.failure)
  const { status, headers, body } = result.answer
  noteAnswerHead(live, { headers, hider: attempt.hider, exchange: attempt.exchange })
  attempt.recording?.seeHead(status, headers.get('content-type'))
  attempt.recording?.seeBytes(body)
  if (status < 200 || status >= 300) return refusedAnswer(attempt, { status, headers, text: textOf(body) })
  try {
    const startedAt = performance.now()
    const read = readWhole({ live, attempt, longWork }, result.answer)
    deliver({ live, attempt, startedAt }, result.answer, read instanceof Promise ? await read : read)
    return { type: 'answered' }
  } catch (error) {
    if (!ConversionError.is(error)) throw error
    const failure = attempt.hider.hideInFailure(failureOf(error))
    return failedAnswer(status, ownClass(attempt.account, { status, headers, text: textOf(body) }, failure) ?? failure)
  }
}

/** @throws ConversionError when the body is no answer */
function readWhole({ live, attempt, longWork }: Reading, answer: WholeAnswer): ReadAnswer | Promise<ReadAnswer> {
  const { exchange, writing } = attempt
  return readAnswerAside(
    { longWork, isWanted: () => !live.isFinished },
    { plan: writing.plan, rules: writing.rules, exchange },
    { body: answer.body, isSse: looksLikeSse(answer) },
  )
}

interface Delivery {
  readonly live: LiveRequest
  readonly attempt: PreparedAttempt
  /** When the answer was begun to be read, in monotonic milliseconds. */
  readonly startedAt: number
}

function deliver({ live, attempt, startedAt }: Delivery, answer: WholeAnswer, read: ReadAnswer): void {
  const { outgoing, facts } = live
  const { bytes, losses, usage } = read
  if (facts.conversion !== undefined) {
    facts.conversion.answerMs = performance.now() - startedAt
    facts.conversion.bytesIn = answer.body.length
  }
  facts.usage = usage
  facts.modelServed = read.upstreamModel
  facts.answerId = read.upstreamId
  facts.losses = losses
  facts.firstTokenMs = live.elapsedMs()
  facts.bytesOut = bytes.length
  if (usage?.output === undefined) facts.outputEstimate = estimateOutput(bytes)
  if (live.isFinished) return
  const headers = answerHeaders({
    live,
    contentType: 'application/json',
    losses,
    upstreamHeaders: answer.headers,
    hider: attempt.hider,
  })
  headers['content-length'] = String(bytes.length)
  outgoing.writeHead(200, headers)
  outgoing.end(bytes)
  attempt.keeper?.keepWhole(parseBody(textOf(bytes)))
  live.finish({ reason: 'completed', status: 200 })
}

const OPENING_BRACE = 0x7b

/** The upstream streamed although one piece was asked for. */
function looksLikeSse({ headers, body }: WholeAnswer): boolean {
  if (headers.get('content-type')?.includes('text/event-stream') === true) return true
  if (body[0] === OPENING_BRACE) return false
  return /^\s*(?:data|event|id|retry)?:/.test(textOf(body.subarray(0, 64)))
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
