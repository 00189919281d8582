import type { Account, Cooldown } from '../account.ts'
import { toAccount } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { parseJson, toRow } from './reply.ts'

/** What happened to an account is kept beside its row, each part in a field of its own, so that news do not undo each other. */
export const STATE_PARTS = ['last_success_at', 'last_error', 'attention', 'cooldowns'] as const

/** One part of an account's state. */
export type StatePart = (typeof STATE_PARTS)[number]

/** The field of a part in the hash of account states. */
export function stateField(accountId: string, part: StatePart): string {
  return `${accountId}:${part}`
}

/** All fields of an account in the hash of account states. */
export function stateFields(accountId: string): readonly string[] {
  return STATE_PARTS.map((part) => stateField(accountId, part))
}

/** The texts of the parts, in the order of {@link STATE_PARTS}. */
export type StateTexts = readonly (string | undefined)[]

/** An account as it lies in Redis. */
export interface AccountDocument {
  /** With the sealed credential. */
  readonly row: Row
  readonly account: Account
}

/** Reads an account with what happened to it. */
export function toDocument(rowText: string, states: StateTexts): AccountDocument {
  const row = toRow(rowText)
  const [lastSuccessAt, lastError, attention, cooldowns] = states
  const full: Row = {
    ...row,
    last_success_at: lastSuccessAt === undefined ? null : Number(lastSuccessAt),
    last_error: lastError ?? null,
    attention: attention ?? null,
  }
  return {
    row,
    account: toAccount(full, { cooldowns: readCooldowns(cooldowns), refusedParameters: [], quota: undefined }),
  }
}

/** Reads the cooldowns of an account, by model. */
export function readCooldowns(text: string | undefined): readonly Cooldown[] {
  // Written by this package from this very type.
  return text === undefined ? [] : (parseJson(text) as readonly Cooldown[])
}

/** The text to keep for cooldowns. */
export function writeCooldowns(cooldowns: readonly Cooldown[]): string {
  return JSON.stringify(cooldowns.toSorted((left, right) => (left.model < right.model ? -1 : 1)))
}
