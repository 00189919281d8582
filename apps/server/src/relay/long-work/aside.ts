import {
  type CompiledRules,
  type FormatName,
  type JsonObject,
  parseBody,
  parseSpan,
  scanTopLevel,
  type SentExchange,
} from '@relay/format-converter'

import { type ReadAnswer, readAnswer, type ReceivedAnswer } from '../answer/read-answer.ts'
import { type PassedFacts, readPassed } from '../passage/read-passed.ts'
import {
  type ConversionPlan,
  converterOf,
  readsWhole,
  writeRequest,
  type Writing,
  type WrittenRequest,
} from '../prepare/write-request.ts'
import { takesLong } from '../request/body-shape.ts'
import { type CountPlan, estimateTokens, writeQuestion, type WrittenQuestion } from '../request/count-request.ts'
import type { Envelope } from '../request/envelope.ts'
import { packExchange, unpackExchange } from './errands.ts'
import type { LongWork } from './long-work.ts'

/** Nothing = the work is done in place: nobody else is served by this process. */
export type MaybeLongWork = LongWork | undefined

/** Where long work is done, and for how long anybody waits for it. */
export interface Aside<Where extends MaybeLongWork = MaybeLongWork> {
  readonly longWork: Where
  readonly isWanted?: (() => boolean) | undefined
}

/** A written request, and how long that took. */
export interface TimedRequest extends WrittenRequest {
  readonly milliseconds: number
}

/** `writeRequest`; that of a long one, which has to be read whole, in the thread for long work. */
export function writeRequestAside(
  { longWork, isWanted }: Aside,
  writing: Writing,
): TimedRequest | Promise<TimedRequest> {
  if (longWork !== undefined && readsWhole(writing) && takesLong(writing.envelope.bytes))
    return writeAside({ longWork, isWanted }, writing)
  const startedAt = performance.now()
  const { body, leftOut, member, exchange, converted } = writeRequest(writing)
  return { body, leftOut, member, exchange, converted, milliseconds: performance.now() - startedAt }
}

async function writeAside(
  { longWork, isWanted }: Aside<LongWork>,
  { plan, envelope, rules }: Writing,
): Promise<TimedRequest> {
  const { client } = plan
  const { bytes } = envelope
  const errand = { client, bytes, plan: { ...plan, choice: plainChoice(plan) }, rules: rules?.sources ?? [] }
  const { body, leftOut, milliseconds, ...packed } = await longWork.run('write', errand, isWanted)
  return {
    body,
    leftOut,
    milliseconds,
    exchange: converterOf(plan, rules).resume(unpackExchange(packed)),
    member: (name) => memberOf(body, name),
    converted: () => parseBody(Buffer.from(body).toString('utf8')) as JsonObject, // as the converter wrote it
  }
}

/** An exchange of which an answer is to be read, and the choices that it was made with. */
export interface OpenExchange {
  readonly plan: ConversionPlan
  readonly rules: CompiledRules | undefined
  readonly exchange: SentExchange
}

/** `readAnswer`, of a long one in the thread for long work. */
export function readAnswerAside(
  { longWork, isWanted }: Aside,
  { plan, rules, exchange }: OpenExchange,
  received: ReceivedAnswer,
): ReadAnswer | Promise<ReadAnswer> {
  if (longWork === undefined || !takesLong(received.body)) return readAnswer(exchange, received)
  const { client, requestId, model, profile, policy, sealIssuer } = plan
  const errand = {
    ...received,
    ...packExchange(exchange.carried()),
    plan: { client, choice: plainChoice(plan), requestId, model, profile, policy, sealIssuer },
    rules: rules?.sources ?? [],
  }
  return longWork.run('answer', errand, isWanted)
}

/** `readPassed`, of a long answer in the thread for long work: a batch of embeddings has tens of megabytes. */
export async function readPassedAside({ longWork, isWanted }: Aside, body: Uint8Array): Promise<PassedFacts> {
  return longWork === undefined || !takesLong(body) ? readPassed(body) : longWork.run('passed', body, isWanted)
}

/** `estimateTokens`, of a long request in the thread for long work. */
export async function estimateTokensAside(
  { longWork, isWanted }: Aside,
  envelope: Envelope,
  client: FormatName,
): Promise<number> {
  const { bytes } = envelope
  if (longWork === undefined || !takesLong(bytes)) return estimateTokens(envelope, client)
  return longWork.run('estimate', { client, bytes }, isWanted)
}

/** `writeQuestion`, of a long request in the thread for long work. */
export async function writeQuestionAside(
  { longWork, isWanted }: Aside,
  envelope: Envelope,
  plan: CountPlan,
): Promise<WrittenQuestion | undefined> {
  const { bytes } = envelope
  if (longWork === undefined || !takesLong(bytes)) return writeQuestion(envelope, plan)
  return longWork.run('question', { client: plan.client, bytes, plan }, isWanted)
}

/** Only what the conversion needs of it: the rest is no plain data. */
function plainChoice({ choice: { format, answerFormat, recogniseAnswer } }: ConversionPlan): ConversionPlan['choice'] {
  return { format, answerFormat, recogniseAnswer }
}

function memberOf(body: Uint8Array, name: string): unknown {
  const span = scanTopLevel(body)?.members.get(name)
  return span && parseSpan(body, span)
}
