import { decodeFailure } from '../failure/decode-failure.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { RuleRunner } from '../rules/compiled-rules.ts'
import type { ConvertedError } from './converted-error.ts'
import type { AnswerSide, ConvertedAnswer } from './exchange.ts'
import { toHeaderRecord } from './headers-like.ts'
import { noteOutcome, type RulesAtWork } from './rule-desk.ts'
import { createEventRules, type EventRules, withEventRules } from './ruled-stream.ts'
import { textOnly, toTransformStream } from './transform-stream.ts'

/** The way back with the rules for answers, events and errors in it; the very same one where there are none. */
export function withAnswerRules(answers: AnswerSide, atWork: RulesAtWork): AnswerSide {
  const { rules, context } = atWork
  const onResponse = rules?.select('response', context)
  const onError = rules?.select('error', context)
  const hasEventRules = rules?.phases.has('event') === true
  if (rules === undefined || (onResponse === undefined && onError === undefined && !hasEventRules)) return answers

  const run = (runner: RuleRunner, body: JsonObject): JsonObject => {
    const outcome = runner(body)
    noteOutcome(atWork, outcome)
    return outcome.body
  }
  const response = (answer: ConvertedAnswer): ConvertedAnswer => {
    if (onResponse === undefined) return answer
    const body = run(onResponse, answer.body)
    return body === answer.body ? answer : { ...answer, body, isUntouched: false }
  }
  const failure = (trouble: Failure): ConvertedError =>
    onError === undefined ? answers.failure(trouble) : retell(answers, trouble, (body) => run(onError, body))
  const openEvents = (): EventRules => createEventRules({ ...atWork, rules })
  const openBytes: AnswerSide['byteStream'] = () =>
    hasEventRules ? withEventRules(answers.byteStream(), openEvents()) : answers.byteStream()

  return {
    rateLimits: answers.rateLimits,
    response: (body) => response(answers.response(body)),
    failure,
    error: (status, body, headers = {}) => failure(decodeFailure(status, body, toHeaderRecord(headers))),
    byteStream: openBytes,
    stream: () => textOnly(openBytes()),
    transform: () => toTransformStream(openBytes()),
    aggregate: () => {
      const aggregator = answers.aggregate()
      return { push: aggregator.push, end: () => response(aggregator.end()) }
    },
    explode: (body) => {
      const events = openEvents()
      return answers.explode(body).flatMap((event) => {
        const kept = isJsonObject(event) ? events.take(event, undefined) : event
        return kept === undefined ? [] : [kept]
      })
    },
  }
}

/** The error as the rules word it. What the caller routes by stays what it is. */
function retell(answers: AnswerSide, trouble: Failure, run: (body: JsonObject) => JsonObject): ConvertedError {
  const plain = answers.failure(trouble)
  const before = { kind: plain.kind, status: plain.status, message: plain.failure.message }
  const after = run(before)
  if (after === before) return plain
  // The guard of errors lets only values of these types in.
  const { kind, status, message } = after as unknown as typeof before
  const told = answers.failure({ ...plain.failure, kind, message })
  const isMapped = status !== before.status
  return {
    ...plain,
    body: told.body,
    headers: told.headers,
    status: isMapped ? status : told.status,
    told: told.failure,
  }
}
