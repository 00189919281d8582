import type { Cooldown, QuotaState, RefusedParameter } from '../account.ts'
import type { StateParts } from '../rows/account-rows.ts'
import { readSettings, toCooldown } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { readNumber, readText } from '../rows/row.ts'
import type { AccountQuota } from './account-quota.ts'
import type { StoreContext } from './context.ts'

/** Reads what of an account's state is not in its own row. */
export interface AccountStateReader {
  read(row: Row): StateParts
  /** The same for all accounts that changed since a revision, with few statements. */
  readChanged(revision: number): (row: Row) => StateParts
}

/** Prepares the statements on states of accounts. */
export function createAccountStateReader({ fast }: StoreContext, quota: AccountQuota): AccountStateReader {
  const findCooldowns = fast.prepare('SELECT * FROM cooldowns WHERE account_id = :id ORDER BY model')
  const findRefused = fast.prepare('SELECT * FROM refused_parameters WHERE account_id = :id ORDER BY model, parameter')
  const changedCooldowns = fast.prepare(`
    SELECT cooldowns.* FROM cooldowns JOIN accounts ON accounts.id = cooldowns.account_id
    WHERE accounts.revision > :revision ORDER BY cooldowns.model`)
  const changedRefused = fast.prepare(`
    SELECT refused_parameters.* FROM refused_parameters JOIN accounts ON accounts.id = refused_parameters.account_id
    WHERE accounts.revision > :revision ORDER BY refused_parameters.model, refused_parameters.parameter`)
  function readQuota(row: Row): QuotaState | undefined {
    const { dailyQuota } = readSettings(row)
    if (dailyQuota === undefined) return undefined
    return quota.read(readText(row, 'id'), dailyQuota)
  }

  function read(row: Row): StateParts {
    const id = readText(row, 'id')
    return {
      cooldowns: findCooldowns.all({ id }).map(toCooldown),
      refusedParameters: findRefused.all({ id }).map(toRefusedParameter),
      quota: readQuota(row),
    }
  }

  function readChanged(revision: number): (row: Row) => StateParts {
    const cooldowns = groupByAccount(changedCooldowns.all({ revision }), toCooldown)
    const refused = groupByAccount(changedRefused.all({ revision }), toRefusedParameter)
    return (row) => {
      const id = readText(row, 'id')
      return {
        cooldowns: cooldowns.get(id) ?? NO_COOLDOWNS,
        refusedParameters: refused.get(id) ?? NONE_REFUSED,
        quota: readQuota(row),
      }
    }
  }

  return { read, readChanged }
}

const NO_COOLDOWNS: readonly Cooldown[] = []
const NONE_REFUSED: readonly RefusedParameter[] = []

function toRefusedParameter(row: Row): RefusedParameter {
  return { model: readText(row, 'model'), parameter: readText(row, 'parameter'), at: readNumber(row, 'at') }
}

function groupByAccount<Item>(rows: readonly Row[], read: (row: Row) => Item): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>()
  for (const row of rows) {
    const id = readText(row, 'account_id')
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [read(row)])
    else group.push(read(row))
  }
  return groups
}
