import { type CarriedExchange, type FormatName, parseBody, toJsonText } from '@relay/format-converter'
import { recompileRules, type RuleSource } from '@relay/format-converter/rules'

import { type ReadAnswer, readAnswer, type ReceivedAnswer } from '../answer/read-answer.ts'
import { type PassedFacts, readPassed } from '../passage/read-passed.ts'
import { type ConversionPlan, converterOf, writeRequest, type WritingPlan } from '../prepare/write-request.ts'
import { type CountPlan, estimateTokens, writeQuestion, type WrittenQuestion } from '../request/count-request.ts'
import { type Envelope, openEnvelope } from '../request/envelope.ts'

/** A request body, which was checked before. */
interface RequestBody {
  readonly client: FormatName
  readonly bytes: Uint8Array
}

export interface WriteErrand extends RequestBody {
  readonly plan: WritingPlan
  readonly rules: readonly RuleSource[]
}

/** A written request as plain data. */
export interface WrittenData {
  readonly body: Uint8Array
  readonly leftOut: readonly string[]
  readonly carried: CarriedExchange
  /** JSON of the members that the answer repeats: as objects their long numbers would lose digits on the way. */
  readonly repeated: string | undefined
  readonly milliseconds: number
}

export interface QuestionErrand extends RequestBody {
  readonly plan: CountPlan
}

export interface AnswerErrand extends ReceivedAnswer {
  readonly plan: ConversionPlan
  readonly rules: readonly RuleSource[]
  readonly carried: CarriedExchange
  readonly repeated: string | undefined
}

/** What takes long where a body is long, with plain data in and out. */
export const ERRANDS = {
  write: ({ plan, rules, ...body }: WriteErrand): WrittenData => {
    const startedAt = performance.now()
    const written = writeRequest({ plan, envelope: open(body), rules: recompileRules(rules) })
    const sent = written.body
    return {
      body: typeof sent === 'string' ? new TextEncoder().encode(sent) : sent,
      leftOut: written.leftOut,
      ...packExchange(written.exchange.carried()),
      milliseconds: performance.now() - startedAt,
    }
  },
  question: ({ plan, ...body }: QuestionErrand): WrittenQuestion | undefined => writeQuestion(open(body), plan),
  estimate: (body: RequestBody): number => estimateTokens(open(body), body.client),
  passed: (body: Uint8Array): PassedFacts => readPassed(body),
  answer: ({ plan, rules, ...errand }: AnswerErrand): ReadAnswer => {
    const exchange = converterOf(plan, recompileRules(rules)).resume(unpackExchange(errand))
    return readAnswer(exchange, errand)
  },
} as const

function open({ client, bytes }: RequestBody): Envelope {
  return openEnvelope(bytes, { format: client, isCount: true }) // which lacks nothing that was asked for before
}

/** An exchange, and apart from it the JSON of what its answer repeats. */
type PackedExchange = Pick<WrittenData, 'carried' | 'repeated'>

export function packExchange(carried: CarriedExchange): PackedExchange {
  const { repeatedMembers, ...facts } = carried.facts
  return { carried: { ...carried, facts }, repeated: repeatedMembers && toJsonText(repeatedMembers) }
}

export function unpackExchange({ carried, repeated }: PackedExchange): CarriedExchange {
  if (repeated === undefined) return carried
  const repeatedMembers = parseBody(repeated) as typeof carried.facts.repeatedMembers // what `packExchange` wrote
  return { ...carried, facts: { ...carried.facts, repeatedMembers } }
}
