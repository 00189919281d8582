import type { ManagedBy } from '../account.ts'
import type { BudgetHolderInput, BudgetHolderPlace, BudgetHolderSettings } from '../budget-holder.ts'
import { toBudgetHolderSettings } from '../budget-holder.ts'
import { mergeSettings, readManagedBy } from '../rows/account-rows.ts'
import { toBudgetHolder } from '../rows/budget-holder-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import { atPath } from './config-path.ts'

/** What applying a declaration has done so far, by name. */
export interface MutableOutcome {
  readonly created: string[]
  readonly updated: string[]
  readonly disabled: string[]
}

/** Steps on owners and teams inside a transaction of the caller. */
export interface HolderSteps {
  findRow(place: BudgetHolderPlace): Row | undefined
  put(settings: BudgetHolderSettings, managedBy: ManagedBy): void
  listManagedByConfig(): readonly Row[]
}

/** Makes owners and teams what the file says; those that left it keep their limits and become the operator's. */
export function applyBudgetHolders(
  holders: HolderSteps,
  declared: readonly BudgetHolderInput[],
  outcome: MutableOutcome,
): void {
  const names = new Set(declared.map(({ kind, name }) => `${kind}:${name}`))
  for (const row of holders.listManagedByConfig()) {
    const holder = toBudgetHolder(row)
    if (!names.has(`${holder.kind}:${holder.name}`)) holders.put(holder, 'operator')
  }
  for (const input of declared) applyHolder(holders, input, outcome)
}

function applyHolder(holders: HolderSteps, input: BudgetHolderInput, outcome: MutableOutcome): void {
  const path = `${input.kind}s ${JSON.stringify(input.name)}`
  const settings = atPath(path, () => toBudgetHolderSettings(input, undefined))
  const row = holders.findRow(settings)
  if (row === undefined) {
    holders.put(settings, 'config')
    outcome.created.push(settings.name)
    return
  }
  if (readManagedBy(row) !== 'config') {
    const { kind, name } = settings
    throw new StoreError(
      'name-taken',
      `${path} has limits that were set by hand; remove those of the ${kind} "${name}"`,
    )
  }
  if (mergeSettings(row, settings) === readText(row, 'settings')) return
  holders.put(settings, 'config')
  outcome.updated.push(settings.name)
}
