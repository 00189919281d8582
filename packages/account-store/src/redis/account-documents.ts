import type { Account, AccountSettings, Cooldown, QuotaState, RefusedParameter } from '../account.ts'
import { calendarPeriod } from '../limits/calendar.ts'
import { readSettings, toAccount } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { parseJson, toRow } from './reply.ts'

/** What happened to an account is kept beside its row, each part in a field of its own, so that news do not undo each other. */
export const STATE_PARTS = [
  'last_success_at',
  'last_error',
  'attention',
  'cooldowns',
  'refused_parameters',
  'quota',
] as const

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

/**
 * Reads an account with what happened to it.
 *
 * @param nowMs - the day of a quota is the one that this moment is in
 */
export function toDocument(rowText: string, states: StateTexts, nowMs: number): AccountDocument {
  const row = toRow(rowText)
  const [lastSuccessAt, lastError, attention, cooldowns, refused, quota] = states
  const full: Row = {
    ...row,
    last_success_at: lastSuccessAt === undefined ? null : Number(lastSuccessAt),
    last_error: lastError ?? null,
    attention: attention ?? null,
  }
  const parts = {
    cooldowns: readCooldowns(cooldowns),
    refusedParameters: readRefused(refused),
    quota: readQuota(readSettings(row), quota, nowMs),
  }
  return { row, account: toAccount(full, parts) }
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

/** Reads the parameters that the upstream refuses, by model and parameter. */
export function readRefused(text: string | undefined): readonly RefusedParameter[] {
  // Written by this package from this very type.
  return text === undefined ? [] : (parseJson(text) as readonly RefusedParameter[])
}

/** The text to keep for refused parameters: the newest of them. */
export function writeRefused(refused: readonly RefusedParameter[], max: number): string {
  const kept = refused.toSorted((left, right) => right.at - left.at).slice(0, max)
  return JSON.stringify(kept.toSorted((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1)))
}

function nameOf({ model, parameter }: RefusedParameter): string {
  return `${model}\n${parameter}`
}

/** What was spent lies as `<day> <micro-USD>`, so that a new day begins at nothing. */
function readQuota({ dailyQuota }: AccountSettings, text: string | undefined, nowMs: number): QuotaState | undefined {
  if (dailyQuota === undefined) return undefined
  const { label, endsAt } = calendarPeriod({ period: 'day', ...dailyQuota, at: nowMs })
  const isOfToday = text !== undefined && text.slice(0, text.lastIndexOf(' ')) === label
  const usedMicroUsd = isOfToday ? Number(text.slice(text.lastIndexOf(' ') + 1)) : 0
  return { usedMicroUsd, resetsAt: endsAt ?? Infinity }
}
