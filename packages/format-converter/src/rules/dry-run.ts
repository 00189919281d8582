import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import type { CompiledRules, RuleContext, RuleRejection } from './compiled-rules.ts'
import { renumber, type StreamMemory } from './drop-blocks.ts'
import type { RulePhase, RuleTest, RuleTestContext } from './rule-set.ts'
import { isSameJson } from './same-json.ts'

/** What rules would do to a body. */
export interface DryRun {
  /** `undefined` when the rules leave the event out. */
  readonly body: JsonObject | undefined
  /** Ids of the rules that acted, in their order. */
  readonly applied: readonly string[]
  readonly headers: ReadonlyMap<string, string | undefined>
  readonly losses: readonly LossReport[]
  readonly rejection?: RuleRejection | undefined
}

/** How one test case went. */
export interface RuleTestResult {
  readonly name: string
  readonly ok: boolean
  /** What came instead of what was expected; empty when it passed. */
  readonly troubles: readonly string[]
}

/**
 * Runs the rules of a phase on a body, without an exchange.
 *
 * @param of - a body of the phase's kind, alone or beside what the rules are told of the exchange; what is left out of
 *   that is taken from the body
 */
export function dryRun(rules: CompiledRules, phase: RulePhase, of: JsonObject | DryRunInput): DryRun {
  const { body, context = {} } = isInput(of) ? of : { body: of }
  const memory: StreamMemory = { droppedIndexes: new Set(), droppedEvents: 0 }
  const run = rules.select(phase, contextOf(body, context), context.event ?? text(body['type']))
  if (run === undefined) return { body, applied: [], headers: new Map(), losses: [] }
  const outcome = run(body, memory)
  return phase === 'event' ? { ...outcome, body: renumber(outcome.body, memory) } : outcome
}

/** What a dry run tries the rules on. */
export interface DryRunInput {
  /** A body of the phase's kind: a request, `{ options, profile }`, an answer, an event, `{ kind, status, message }`. */
  readonly body: JsonObject
  readonly context?: RuleTestContext | undefined
}

/** No body of any phase consists of a `body` and nothing but a `context` beside it. */
function isInput(of: JsonObject | DryRunInput): of is DryRunInput {
  return isJsonObject(of.body) && Object.keys(of).every((name) => name === 'body' || name === 'context')
}

/** Runs the test cases that are kept with the rules, in their order. */
export function runRuleTests(rules: CompiledRules): readonly RuleTestResult[] {
  return rules.tests.map((test) => {
    const troubles = troublesOf(test, rules)
    return { name: test.name, ok: troubles.length === 0, troubles }
  })
}

function troublesOf({ phase, input, context, expect }: RuleTest, rules: CompiledRules): readonly string[] {
  const { body, applied, headers, rejection } = dryRun(rules, phase, { body: input, context })
  const seen = {
    body: body ?? null,
    applied: [...applied],
    headers: Object.fromEntries([...headers].map(([name, value]) => [name, value ?? null])),
    rejected: rejection?.message ?? null,
  }
  return (['body', 'applied', 'headers', 'rejected'] as const)
    .filter((name) => Object.hasOwn(expect, name) && !isSameJson(seen[name], expect[name]))
    .map((name) => `${name} is ${JSON.stringify(seen[name])}, expected was ${JSON.stringify(expect[name])}`)
}

function contextOf(
  body: JsonObject,
  { client = 'openai-chat', upstream, model, stream }: RuleTestContext,
): RuleContext {
  return {
    client,
    upstream: upstream ?? client,
    model: model ?? text(body['model']) ?? '',
    isStream: stream ?? body['stream'] === true,
  }
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
