import type { ManagedBy } from './account.ts'
import { checkChoice, checkLines, checkName } from './check-field.ts'
import type { LimitsInput } from './limits/limits-settings.ts'
import { toLimits } from './limits/limits-settings.ts'
import type { Limits } from './limits/limits.ts'

/** Who may have limits over all their keys together. */
export type BudgetHolderKind = 'owner' | 'team'

/** Names an owner or a team. */
export interface BudgetHolderPlace {
  readonly kind: BudgetHolderKind
  /** As keys name it. */
  readonly name: string
}

/** What an operator decides about an owner or a team. */
export interface BudgetHolderSettings extends Limits, BudgetHolderPlace {
  /** At most 2000 characters. */
  readonly note: string
}

/** An owner or a team with limits. */
export interface BudgetHolder extends BudgetHolderSettings {
  readonly managedBy: ManagedBy
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

/** What is entered for an owner or a team; what is left out stays, and is no limit in a new record. `budget` changes what it names. */
export interface BudgetHolderInput extends BudgetHolderPlace, LimitsInput {
  readonly note?: string | undefined
}

const KINDS: readonly BudgetHolderKind[] = ['owner', 'team']

/**
 * Checks what was entered.
 *
 * @param before - the record that is there
 * @throws StoreError `invalid-input`, naming the field
 */
export function toBudgetHolderSettings(
  input: BudgetHolderInput,
  before: BudgetHolderSettings | undefined,
): BudgetHolderSettings {
  return {
    kind: checkChoice('kind', input.kind, KINDS),
    name: checkName('name', input.name),
    note: checkLines('note', input.note ?? before?.note ?? '', { min: 0, max: 2000 }),
    ...toLimits({
      maxConcurrency: input.maxConcurrency ?? before?.maxConcurrency,
      rateLimits: input.rateLimits ?? before?.rateLimits,
      budget: { ...before?.budget, ...input.budget },
    }),
  }
}
