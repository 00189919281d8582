import type { Account, AccountStore } from '@relay/account-store'
import { combineRules, type CompiledRules, compileRules } from '@relay/format-converter/rules'

import type { Log } from '../../observe/log.ts'

/** The setting that holds the rules on trial: those for all accounts, or for one. */
export function shadowSetting(accountId: string | undefined): string {
  return accountId === undefined ? 'rules.shadow' : `rules.shadow.${accountId}`
}

/** How old rules on trial may be; other processes change them. */
const TTL_MS = 1000
/** Accounts whose rules on trial are kept. */
const MAX_KEPT = 10_000

interface Reading {
  readonly until: number
  readonly rules: Promise<CompiledRules | undefined>
}

/** Finds the rules on trial for an account. Trouble with them is logged and never stops a request. */
export function createRulesOnTrial(
  store: AccountStore,
  log: Pick<Log, 'warn'>,
): (account: Account) => Promise<CompiledRules | undefined> {
  const readings = new Map<string, Reading>()

  function read(name: string): Promise<CompiledRules | undefined> {
    const now = performance.now()
    const known = readings.get(name)
    if (known !== undefined && known.until > now) return known.rules
    if (readings.size >= MAX_KEPT) readings.clear()
    const rules = store.readSetting(name).then(compile).catch(leaveOut)
    readings.set(name, { until: now + TTL_MS, rules })
    return rules
  }

  function leaveOut(error: unknown): undefined {
    log.warn({ error }, 'the rules on trial could not be read; requests go on without them')
  }

  return async ({ id }) => {
    const [ofAll, ofOne] = [read(shadowSetting(undefined)), read(shadowSetting(id))] // neither rejects
    return combineRules(await ofAll, await ofOne)
  }
}

/** Rules are checked when they are saved; those of a newer version are not tried by an older one. */
function compile(text: string | undefined): CompiledRules | undefined {
  const compiled = text === undefined ? undefined : compileRules(JSON.parse(text))
  return compiled?.ok === true ? compiled.rules : undefined
}
