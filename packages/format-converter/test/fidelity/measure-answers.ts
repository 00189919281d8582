import { ConversionError, type JsonObject, type JsonValue, type Loss } from '../../src/index.ts'
import { isJsonObject } from '../../src/model/json.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { asksForNothing, membersOf, withoutPlace, type SampleMember } from '../../src/testing/members.ts'
import { open } from '../support/exchanges.ts'
import { answerFixtures } from '../support/fixtures.ts'
import { others, type Format } from '../support/pairs.ts'
import { isFound, judgeField, type Field, type Outcome, type Trial } from './outcome.ts'

/** How a field fares when the client gets the whole answer, and when it gets a stream. */
export interface AnswerOutcomes {
  readonly whole: Outcome
  readonly stream: Outcome
}

/** A field of an answer and what becomes of it for the clients of each other format. */
export interface AnswerRow {
  readonly field: string
  readonly to: { readonly [Client in Format]?: AnswerOutcomes }
}

/** The envelope: Relay writes its own, and adds up its own sums, whatever the upstream's says. */
export const ENVELOPE: readonly string[] = [
  'caller',
  'created',
  'created_at',
  'error',
  'index',
  'model',
  'object',
  'role',
  'status',
  'total_tokens',
  'type',
]

/** Ids of calls are no envelope: results are matched by them. */
function isEnvelope(field: string): boolean {
  const last = field.slice(field.lastIndexOf('.') + 1)
  return ENVELOPE.includes(last) || (last === 'id' && !/tool_use|tool_calls/.test(field))
}

/** Every field of the answers in `fixtures/` that exist whole, where it first has a value. */
export function measureAnswers(upstream: Format): readonly AnswerRow[] {
  const rows = new Map<string, AnswerRow>()
  for (const { whole } of answerFixtures(upstream)) {
    if (whole === undefined) continue
    for (const member of membersOf(whole).filter(({ value }) => value === 0 || !asksForNothing(value))) {
      const field = nameOf(whole, member.path)
      if (!isEnvelope(field) && !rows.has(field)) rows.set(field, { field, to: measureMember(upstream, whole, member) })
    }
  }
  return [...rows.values()].toSorted((left, right) => (left.field < right.field ? -1 : 1))
}

/** `content[text].citations`: the elements of lists are named by their kind. */
function nameOf(body: JsonObject, path: string): string {
  let value: JsonValue | undefined = body
  let name = ''
  for (const step of path.split('/').slice(1)) {
    const isElement: boolean = Array.isArray(value)
    const inner: Loose = value
    value = inner?.[step]
    if (isElement) name += `[${kindOf(value)}]`
    else name += name === '' ? step : `.${step}`
  }
  return name
}

function kindOf(value: JsonValue | undefined): string {
  const type = isJsonObject(value) ? value['type'] : undefined
  return typeof type === 'string' ? type : ''
}

type Convert = (body: JsonObject) => Trial

function measureMember(upstream: Format, whole: JsonObject, member: SampleMember): AnswerRow['to'] {
  const outcomes = others(upstream).map((client) => {
    const opening = { client, upstream }
    const asWhole: Convert = (body) => {
      const exchange = open(opening)
      return attempt(() => {
        const { body: converted, losses } = exchange.response(body)
        return { text: JSON.stringify(converted), losses: answerLosses(losses) }
      })
    }
    const asStream: Convert = (body) => {
      const exchange = open({ ...opening, request: { stream: true } })
      return attempt(() => {
        const text = exchange
          .explode(body)
          .map((event) => JSON.stringify(event))
          .join('\n')
        return { text, losses: answerLosses(exchange.losses) }
      })
    }
    return [client, { whole: judge(whole, member, asWhole), stream: judge(whole, member, asStream) }] as const
  })
  return Object.fromEntries(outcomes)
}

function answerLosses(losses: readonly Loss[]): readonly Loss[] {
  return losses.filter(({ stage }) => stage !== 'request')
}

function attempt(convert: () => Trial): Trial {
  try {
    return convert()
  } catch (error) {
    if (ConversionError.is(error)) return { refusal: error.kind, message: error.message }
    throw error
  }
}

/** Losses of answers name events, not places: those that a field brings about are those that go with it. */
function judge(whole: JsonObject, { path, value, without }: SampleMember, convert: Convert): Outcome {
  const given = convert(whole)
  const outcome = judgeDifference(value, given, convert(without)) ?? judgeChange(whole, { path, value }, convert)
  if (outcome !== undefined) return outcome
  // Nothing changes and nothing is told: then what it stands in was lost as a whole, and that was told.
  for (const place of placesAbove(path)) {
    const above = judgeDifference(value, given, convert(withoutPlace(whole, place)))
    if (above !== undefined)
      return above.outcome === 'lost' || above.outcome === 'degraded' ? above : { outcome: 'lost' }
  }
  return { outcome: 'lost' }
}

/** A field that can be told from others, as a reason to stop can be from calls, shows when it says something else. */
function judgeChange(whole: JsonObject, { path, value }: Field, convert: Convert): Outcome | undefined {
  const other = otherValue(path, value)
  if (other === undefined) return undefined
  const changed = withValue(whole, path, other)
  return judgeDifference(other, convert(changed), convert(whole))
}

const OTHER_WORDS: Readonly<Record<string, string>> = { stop_reason: 'max_tokens', finish_reason: 'length' }

function otherValue(path: string, value: JsonValue): JsonValue | undefined {
  if (typeof value === 'number') return value + 1
  if (typeof value === 'string') return OTHER_WORDS[path.slice(path.lastIndexOf('/') + 1)] ?? `${value} too`
  return undefined
}

function withValue(body: JsonObject, path: string, value: JsonValue): JsonObject {
  const copy: Loose = structuredClone(body)
  const steps = path.split('/').slice(1)
  const last = steps.pop() ?? ''
  let place = copy
  for (const step of steps) place = place[step]
  place[last] = value
  return copy
}

/** The places around a place, the nearest first. */
function placesAbove(path: string): readonly string[] {
  const steps = path.split('/').slice(1, -1)
  return steps.map((_, index) => `/${steps.slice(0, steps.length - index).join('/')}`)
}

/** `undefined` when a conversion is the same with and without a place. */
function judgeDifference(value: JsonValue, given: Trial, without: Trial): Outcome | undefined {
  if ('refusal' in given || 'refusal' in without) return judgeField({ path: '', value }, given, without)
  const isDifferent = given.text !== without.text
  if (isDifferent && isFound(value, given.text, without.text)) return { outcome: 'kept' }
  const losses = given.losses.filter((loss) => countOf(loss, without.losses) < (loss.detail?.count ?? 1))
  // What has no effect is of no interest where the value arrives.
  const told = isDifferent ? losses.filter(({ level }) => level !== 'info') : losses
  if (losses.length === 0 && !isDifferent) return undefined
  const placed = told.map((loss) => ({ ...loss, path: '' }))
  return judgeField({ path: '', value }, { ...given, losses: placed }, { ...without, losses: [] })
}

function countOf({ code, path }: Loss, losses: readonly Loss[]): number {
  const same = losses.find((loss) => loss.code === code && loss.path === path)
  return same === undefined ? 0 : (same.detail?.count ?? 1)
}
