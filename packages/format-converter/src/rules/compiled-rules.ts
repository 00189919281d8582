import type { FormatName } from '../model/format-name.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import type { StreamMemory } from './drop-blocks.ts'
import type { RuleStopwatch } from './rule-meter.ts'
import type { RulePhase, RuleTest } from './rule-set.ts'

/** The exchange that rules are asked about. */
export interface RuleContext {
  readonly client: FormatName
  readonly upstream: FormatName
  /** The model as it is sent upstream. */
  readonly model: string
  readonly isStream: boolean
  /** Times each rule; default nobody does. */
  readonly stopwatch?: RuleStopwatch | undefined
}

/** A rule refuses the request. */
export interface RuleRejection {
  readonly rule: string
  /** 4xx. */
  readonly status: number
  readonly message: string
}

/** What became of a body. */
export interface RuleOutcome {
  /** The very object that was given when no rule changed it; else a copy that shares what was not touched. */
  readonly body: JsonObject
  /** Headers to set, and to remove (`undefined`); lower-case names. */
  readonly headers: ReadonlyMap<string, string | undefined>
  /** Ids of the rules that acted, in their order. */
  readonly applied: readonly string[]
  /** `rule_applied` for each of them, `rule_skipped` for what could not be done. */
  readonly losses: readonly LossReport[]
  readonly rejection?: RuleRejection | undefined
}

/**
 * Runs the rules of one phase. Total, and pure but for the memory.
 *
 * @param memory - in the phase `event`: what was left out of the stream so far
 */
export type RuleRunner = (body: JsonObject, memory?: StreamMemory) => RuleOutcome

/** What rules were compiled from, as plain data. */
export type RuleSource =
  | { readonly type: 'file'; readonly file: JsonValue }
  | { readonly type: 'skipped'; readonly message: string }

/** Rules that were checked and are ready to run. Immutable; one object may serve every exchange. */
export interface CompiledRules {
  readonly ids: readonly string[]
  readonly tests: readonly RuleTest[]
  /** The phases in which some rule may act. */
  readonly phases: ReadonlySet<RulePhase>
  /** For {@link recompileRules}. */
  readonly sources: readonly RuleSource[]
  /**
   * The rules of a phase that are for this exchange.
   *
   * @param event - type of the event, in the phase `event`
   * @returns `undefined` when there are none: then nothing has to be parsed
   */
  select(phase: RulePhase, context: RuleContext, event?: string): RuleRunner | undefined
}

/** Runs several sets one after the other, the first one first; `undefined` ones are left out. */
export function combineRules(...sets: readonly (CompiledRules | undefined)[]): CompiledRules | undefined {
  const known = sets.filter((set) => set !== undefined)
  if (known.length < 2) return known[0]
  return {
    ids: known.flatMap(({ ids }) => ids),
    tests: known.flatMap(({ tests }) => tests),
    phases: new Set(known.flatMap(({ phases }) => [...phases])),
    sources: known.flatMap(({ sources }) => sources),
    select: (phase, context, event) => {
      const runners = known.map((set) => set.select(phase, context, event)).filter((runner) => runner !== undefined)
      return runners.length < 2 ? runners[0] : (body, memory) => runAll(runners, body, memory)
    },
  }
}

/** A rule set that cannot be used any more, as rules that do nothing but say so in every exchange. */
export function skippedRules(message: string): CompiledRules {
  const losses: readonly LossReport[] = [{ code: 'rule_skipped', level: 'info', path: '', message }]
  return {
    ids: [],
    tests: [],
    phases: new Set(['request.client']),
    sources: [{ type: 'skipped', message }],
    select: (phase) =>
      phase === 'request.client' ? (body) => ({ body, headers: new Map(), applied: [], losses }) : undefined,
  }
}

function runAll(runners: readonly RuleRunner[], body: JsonObject, memory?: StreamMemory): RuleOutcome {
  let outcome: RuleOutcome = { body, headers: new Map(), applied: [], losses: [] }
  for (const run of runners) {
    const next = run(outcome.body, memory)
    outcome = {
      ...next,
      headers: new Map([...outcome.headers, ...next.headers]),
      applied: [...outcome.applied, ...next.applied],
      losses: [...outcome.losses, ...next.losses],
    }
    if (outcome.rejection !== undefined) break
  }
  return outcome
}
