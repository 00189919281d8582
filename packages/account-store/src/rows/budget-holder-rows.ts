import type { BudgetHolder, BudgetHolderSettings } from '../budget-holder.ts'
import { readManagedBy } from './account-rows.ts'
import type { Row } from './row.ts'
import { readNumber, readObject } from './row.ts'

/** Reads an owner or a team. */
export function toBudgetHolder(row: Row): BudgetHolder {
  // Written by this package from this very type.
  const stored = readObject(row, 'settings') as unknown as BudgetHolderSettings
  return {
    kind: stored.kind,
    name: stored.name,
    note: stored.note,
    maxConcurrency: stored.maxConcurrency,
    rateLimits: stored.rateLimits,
    budget: stored.budget,
    managedBy: readManagedBy(row),
    createdAt: readNumber(row, 'created_at'),
    updatedAt: readNumber(row, 'updated_at'),
  }
}
