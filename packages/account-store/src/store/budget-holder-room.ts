import type { BudgetHolder, BudgetHolderInput, BudgetHolderPlace } from '../budget-holder.ts'

/** Owners and teams that have limits of their own. A name that a key gives its owner or team needs no record here: then it has none. */
export interface BudgetHolderRoom {
  /** Makes the record, or changes the fields that are there.
   * @throws StoreError `invalid-input`, `managed-by-config` */
  setBudgetHolder(input: BudgetHolderInput): Promise<BudgetHolder>
  getBudgetHolder(place: BudgetHolderPlace): Promise<BudgetHolder | undefined>
  /** All of them by kind and name. Answered from memory: the array is shared, do not change it. */
  listBudgetHolders(): Promise<readonly BudgetHolder[]>
  /** Takes the limits away; what was counted stays.
   * @throws StoreError `not-found`, `managed-by-config` */
  removeBudgetHolder(place: BudgetHolderPlace): Promise<void>
}
