import type { Account, AccountStore } from '@relay/account-store'
import { combineRules, type CompiledRules, compileRules, skippedRules } from '@relay/format-converter/rules'

import type { Log } from '../../observe/log.ts'
import { ServerError } from '../../server-error.ts'
import { createRulesOnTrial } from './rules-on-trial.ts'
import { createTimedReading } from './timed-reading.ts'

/** The settings that hold the rules of all accounts: what the configuration file says, then what an operator says. */
export const RULE_SETTINGS = { file: 'rules.config', operator: 'rules' } as const

/** Accounts whose compiled rules are kept. */
const MAX_KEPT = 10_000

/** Custom conversion rules, compiled once per change. */
export interface RuleBook {
  /**
   * The rules for an account: those of the configuration file, the operator's global ones, its own.
   *
   * @throws ServerError `overloaded` when the store cannot be read
   */
  rulesFor(account: Account): MaybeRules | Promise<MaybeRules>
  /** The rules on trial for an account: what they would do is recorded, and nothing else. Trouble with them never stops a request. */
  shadowFor(account: Account): MaybeRules | Promise<MaybeRules>
}

type MaybeRules = CompiledRules | undefined

interface KeptRules {
  readonly source: string | number | undefined
  readonly rules: CompiledRules | undefined
}

export function createRuleBook(store: AccountStore, log: Pick<Log, 'warn' | 'error'>): RuleBook {
  const globals = new Map<string, KeptRules>()
  const accounts = new Map<string, KeptRules>()
  const globalRules = createTimedReading(readGlobals)

  function rulesFor(account: Account): MaybeRules | Promise<MaybeRules> {
    const global = globalRules()
    const combined = (rules: MaybeRules): MaybeRules => combineRules(rules, accountRules(account))
    return global instanceof Promise ? global.then(combined) : combined(global)
  }

  async function readGlobals(): Promise<MaybeRules> {
    try {
      const names = Object.values(RULE_SETTINGS)
      const texts = await Promise.all(names.map((name) => store.readSetting(name)))
      return combineRules(...names.map((name, index) => globalRulesOf(name, texts[index])))
    } catch (error) {
      log.warn({ error }, 'the global rules could not be read')
      throw new ServerError('overloaded', 'the store cannot be read right now; try again', { retryAfterMs: 1000 })
    }
  }

  function globalRulesOf(name: string, text: string | undefined): CompiledRules | undefined {
    const known = globals.get(name)
    if (known !== undefined && known.source === text) return known.rules
    const rules = text === undefined ? undefined : compile(parse(text), 'the global rules')
    globals.set(name, { source: text, rules })
    return rules
  }

  function accountRules({ id, name, updatedAt, rules: source }: Account): CompiledRules | undefined {
    const known = accounts.get(id)
    if (known !== undefined && known.source === updatedAt) return known.rules
    const rules = Object.keys(source).length === 0 ? undefined : compile(source, `the rules of the account "${name}"`)
    if (accounts.size >= MAX_KEPT) accounts.clear()
    accounts.set(id, { source: updatedAt, rules })
    return rules
  }

  /** Rules are checked when they are saved; those of a newer version may still be strange to this one. */
  function compile(source: unknown, owner: string): CompiledRules {
    const compiled = compileRules(source)
    if (compiled.ok) return compiled.rules
    log.error({ errors: compiled.errors }, `${owner} cannot be used; requests go on without them`)
    return skippedRules(`${owner} cannot be used; the log says why`)
  }

  return { rulesFor, shadowFor: createRulesOnTrial(store, log) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the compiler says what is wrong
  }
}
