import type { Account, AccountStore } from '@relay/account-store'
import { combineRules, type CompiledRules, compileRules } from '@relay/format-converter/rules'

import type { Log } from '../../observe/log.ts'
import { createTimedReading } from './timed-reading.ts'

/** The setting that holds the rules on trial: those for all accounts, or for one. */
export function shadowSetting(accountId: string | undefined): string {
  return accountId === undefined ? 'rules.shadow' : `rules.shadow.${accountId}`
}

/** Accounts whose rules on trial are kept. */
const MAX_KEPT = 10_000

type MaybeRules = CompiledRules | undefined
type Reading = () => MaybeRules | Promise<MaybeRules>

/** Finds the rules on trial for an account. Trouble with them is logged and never stops a request. */
export function createRulesOnTrial(
  store: AccountStore,
  log: Pick<Log, 'warn'>,
): (account: Account) => MaybeRules | Promise<MaybeRules> {
  const ofAll = readingOf(shadowSetting(undefined))
  const ofAccounts = new Map<string, Reading>()

  function readingOf(name: string): Reading {
    return createTimedReading(() => store.readSetting(name).then(compile).catch(leaveOut))
  }

  function leaveOut(error: unknown): undefined {
    log.warn({ error }, 'the rules on trial could not be read; requests go on without them')
  }

  function ofAccount(id: string): Reading {
    const known = ofAccounts.get(id)
    if (known !== undefined) return known
    if (ofAccounts.size >= MAX_KEPT) ofAccounts.clear()
    const reading = readingOf(shadowSetting(id))
    ofAccounts.set(id, reading)
    return reading
  }

  return ({ id }) => {
    const [all, own] = [ofAll(), ofAccount(id)()] // neither rejects
    const isKnown = !(all instanceof Promise) && !(own instanceof Promise)
    return isKnown ? combineRules(all, own) : Promise.all([all, own]).then((both) => combineRules(...both))
  }
}

/** Rules are checked when they are saved; those of a newer version are not tried by an older one. */
function compile(text: string | undefined): CompiledRules | undefined {
  const compiled = text === undefined ? undefined : compileRules(JSON.parse(text))
  return compiled?.ok === true ? compiled.rules : undefined
}
