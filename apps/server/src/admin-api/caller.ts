import type { FoundSession } from '@relay/account-store'

import type { AdminRoleName, TokenScope } from './contract/index.ts'

/** Who asks, once the guard has let them in: a person with a session, or a program with a token. */
export interface Caller {
  /** A token acts for the person who made it. */
  readonly userId: string
  /** The person's name, for the log of actions. */
  readonly userName: string
  readonly role: AdminRoleName
  readonly session: FoundSession | undefined
  readonly token: CallerToken | undefined
}

/** The token of a program. */
export interface CallerToken {
  readonly id: string
  readonly name: string
  readonly scopes: readonly TokenScope[]
}

const RANKS: Readonly<Record<AdminRoleName, number>> = { auditor: 0, operator: 1, admin: 2 }

/** Whether someone with a role may do what asks for at least another. */
export function isAtLeast(role: AdminRoleName, least: AdminRoleName): boolean {
  return RANKS[role] >= RANKS[least]
}
