import type { AccountInput } from '../account.ts'
import type { BudgetHolderInput } from '../budget-holder.ts'
import type { DeclaredRelayKey } from '../relay-key.ts'

/** What the configuration file declares. */
export interface ConfigDeclaration {
  readonly accounts: readonly AccountInput[]
  /** `permissions.accounts` may name accounts by name; they are kept by id. */
  readonly relayKeys: readonly DeclaredRelayKey[]
  /** Owners and teams. One that leaves the file keeps its limits, and becomes the operator's. */
  readonly budgetHolders?: readonly BudgetHolderInput[] | undefined
}

/** What applying a declaration did, by name. */
export interface ConfigOutcome {
  readonly created: readonly string[]
  readonly updated: readonly string[]
  /** Left the file since it was applied last. */
  readonly disabled: readonly string[]
}

/** Objects that come from the configuration file. */
export interface ConfigRoom {
  /** Makes the store say what the file says, matching by name, in one step: all of it or, on an error, nothing. Applying it again changes nothing.
   * Objects that left the file are disabled; objects made by the operator stay untouched.
   * @throws StoreError `invalid-input` naming the path, `name-taken` when an operator's object has the name, `secret-taken` */
  applyConfig(declaration: ConfigDeclaration): Promise<ConfigOutcome>
}
