import type { UpstreamProfile } from '../adapt/profile.ts'
import { ConversionError } from '../conversion-error.ts'
import type { ErrorKind } from '../model/failure.ts'
import type { JsonObject } from '../model/json.ts'
import type { ConversionOptions } from '../options.ts'
import type { CompiledRules, RuleContext, RuleOutcome } from '../rules/compiled-rules.ts'
import type { RuleMeter } from '../rules/rule-meter.ts'
import type { RulePhase } from '../rules/rule-set.ts'
import type { LossLedger } from './loss-ledger.ts'

/** Headers that rules set, and those that they remove (`undefined`); lower-case names. */
export type HeaderChanges = ReadonlyMap<string, string | undefined>

/** What decides how a request is converted. */
export interface Switches {
  readonly options: ConversionOptions
  readonly profile: UpstreamProfile
}

/** The rules of one exchange, each phase of the request in its turn. */
export interface RuleDesk {
  /** @throws ConversionError when a rule refuses the request */
  takeClientBody(body: JsonObject): JsonObject
  takeSwitches(switches: Switches): Switches
  /** @throws ConversionError when a rule refuses the request */
  takeUpstreamBody(body: JsonObject): { readonly body: JsonObject; readonly headers: HeaderChanges }
}

/** The rules of one exchange, and who hears of what they do. */
export interface RulesAtWork {
  readonly rules: CompiledRules | undefined
  readonly context: RuleContext
  readonly ledger: LossLedger
  readonly meter: RuleMeter
}

/** The kind of error that fits a status; any other one is an invalid request. */
const KINDS: ReadonlyMap<number, ErrorKind> = new Map([
  [401, 'authentication'],
  [402, 'billing'],
  [403, 'permission'],
  [404, 'not_found'],
  [409, 'conflict'],
  [413, 'too_large'],
  [422, 'unprocessable'],
  [429, 'rate_limit'],
])

/** Sends what passes through the rules, and reports what they did. */
export function createRuleDesk(atWork: RulesAtWork): RuleDesk {
  const { rules, context, ledger } = atWork
  if (rules === undefined) return IDLE

  const take = (phase: RulePhase, body: JsonObject): RuleOutcome | undefined => {
    const outcome = rules.select(phase, context)?.(body)
    if (outcome === undefined) return undefined
    noteOutcome(atWork, outcome)
    const { rejection } = outcome
    if (rejection === undefined) return outcome
    throw new ConversionError(KINDS.get(rejection.status) ?? 'invalid_request', rejection.message, {
      losses: ledger.losses,
      status: rejection.status,
    })
  }

  return {
    takeClientBody: (body) => take('request.client', body)?.body ?? body,
    takeSwitches: (switches) => {
      // Plain data in both directions: options and profiles are JSON, and rules only put allowed values into them.
      const outcome = take('request.ir', switches as unknown as JsonObject)
      return outcome === undefined ? switches : (outcome.body as unknown as Switches)
    },
    takeUpstreamBody: (body) => take('request.upstream', body) ?? { body, headers: NO_CHANGES },
  }
}

const NO_CHANGES: HeaderChanges = new Map()

/** Where there are no rules. */
const IDLE: RuleDesk = {
  takeClientBody: (body) => body,
  takeSwitches: (switches) => switches,
  takeUpstreamBody: (body) => ({ body, headers: NO_CHANGES }),
}

/** Reports and counts what rules did to one body. */
export function noteOutcome(
  { ledger, meter }: Pick<RulesAtWork, 'ledger' | 'meter'>,
  { losses, applied }: RuleOutcome,
): void {
  for (const loss of losses) ledger.report('rules', loss)
  meter.count(applied)
}

/** Headers as rules leave them. */
export function changeHeaders(
  headers: Readonly<Record<string, string>>,
  changes: HeaderChanges,
): Readonly<Record<string, string>> {
  if (changes.size === 0) return headers
  const changed = [...new Map([...Object.entries(headers), ...changes])]
  return Object.fromEntries(changed.filter((entry): entry is [string, string] => entry[1] !== undefined))
}
