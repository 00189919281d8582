import type { AccountAttention, AccountError, Cooldown, RefusedParameter } from '../account.ts'
import { checkNumber, checkText } from '../check-field.ts'
import { calendarPeriod } from '../limits/calendar.ts'
import { runningCooldown } from '../pool/cooldown.ts'
import { nextCooldown } from '../pool/next-cooldown.ts'
import { toAccount, toCooldown } from '../rows/account-rows.ts'
import type { AccountStateRoom, CooldownAlternative, CooldownRequest } from '../store/account-state-room.ts'
import type { AccountSnapshot } from './account-snapshot.ts'
import type { AccountStateReader } from './account-state-reader.ts'
import { accountSubject, QUOTA_BOUND } from './account-state-reader.ts'
import type { StoreContext } from './context.ts'

/** A success is noted at most this often, so that traffic does not become writes. */
const SUCCESS_RESOLUTION_MS = 10_000
const MAX_MESSAGE_CHARACTERS = 500
const MAX_REFUSED = 100

/** States of accounts in the embedded store. */
export function createAccountStateRoom(
  context: StoreContext,
  { snapshot, reader }: { readonly snapshot: AccountSnapshot; readonly reader: AccountStateReader },
): AccountStateRoom {
  const { fast, now, accountRevision } = context
  const statements = prepareStatements(context)

  function change(id: string, work: () => void): void {
    fast.transaction(() => {
      work()
      statements.stamp.run({ id, revision: accountRevision.bump('fast') })
    })
  }

  async function recordAccountSuccess(id: string, model: string): Promise<void> {
    const state = snapshot.get(id)?.state
    if (state === undefined) return
    const hasHistory = state.cooldowns.some((cooldown) => cooldown.model === model || cooldown.model === '*')
    const age = now() - (state.lastSuccessAt ?? -Infinity)
    // A negative age is a clock that was set back.
    if (!hasHistory && age >= 0 && age < SUCCESS_RESOLUTION_MS) return
    change(id, () => {
      statements.endCooldowns.run({ id, model })
      statements.setSuccess.run({ id, now: now() })
    })
  }

  async function recordAccountError(id: string, error: AccountError): Promise<void> {
    const text = JSON.stringify({ ...error, message: error.message.slice(0, MAX_MESSAGE_CHARACTERS) })
    change(id, () => statements.setError.run({ id, text }))
  }

  async function setAttention(id: string, attention: AccountAttention): Promise<void> {
    const text = JSON.stringify({ ...attention, message: attention.message.slice(0, MAX_MESSAGE_CHARACTERS) })
    change(id, () => statements.setAttention.run({ id, text }))
  }

  async function clearAccountState(id: string): Promise<void> {
    change(id, () => {
      statements.clear.run({ id })
      statements.removeCooldowns.run({ id })
      statements.removeRefused.run({ id })
    })
  }

  async function recordAccountCost(id: string, costMicroUsd: number): Promise<void> {
    const dailyQuota = snapshot.get(id)?.dailyQuota
    if (dailyQuota === undefined || costMicroUsd === 0) return
    const cost = checkNumber('costMicroUsd', costMicroUsd, { min: 0, max: Number.MAX_SAFE_INTEGER })
    const { label, startsAt } = calendarPeriod({ period: 'day', ...dailyQuota, at: now() })
    const counter = { subject: accountSubject(id), bound: QUOTA_BOUND, period: label, startsAt, cost }
    change(id, () => statements.addCost.run(counter))
  }

  async function noteRefusedParameter(
    id: string,
    refused: Pick<RefusedParameter, 'model' | 'parameter'>,
  ): Promise<void> {
    const model = checkText('model', refused.model, { min: 1, max: 200 })
    const parameter = checkText('parameter', refused.parameter, { min: 1, max: 200 })
    if (snapshot.get(id) === undefined) return
    change(id, () => {
      statements.putRefused.run({ id, model, parameter, now: now() })
      statements.trimRefused.run({ id, kept: MAX_REFUSED })
    })
  }

  function isUsable({ accountId, model }: CooldownAlternative): boolean {
    const row = statements.find.get({ id: accountId })
    if (row === undefined) return false
    const { enabled, schedulable, state } = toAccount(row, reader.read(row))
    return enabled && schedulable && state.attention === undefined && runningCooldown(state, model, now()) === undefined
  }

  async function startCooldown(request: CooldownRequest): Promise<Cooldown | undefined> {
    const { accountId, alternatives } = request
    return fast.transaction(() => {
      if (statements.find.get({ id: accountId }) === undefined) return undefined
      if (alternatives !== undefined && !alternatives.some(isUsable)) return undefined
      const row = statements.findCooldown.get({ id: accountId, model: request.model })
      const cooldown = nextCooldown(request, row === undefined ? undefined : toCooldown(row), now())
      statements.putCooldown.run({ id: accountId, ...cooldown })
      statements.stamp.run({ id: accountId, revision: accountRevision.bump('fast') })
      return cooldown
    })
  }

  return {
    recordAccountSuccess,
    recordAccountError,
    recordAccountCost,
    noteRefusedParameter,
    startCooldown,
    setAttention,
    clearAccountState,
  }
}

function prepareStatements({ fast }: StoreContext) {
  return {
    find: fast.prepare('SELECT * FROM accounts WHERE id = :id'),
    stamp: fast.prepare('UPDATE accounts SET revision = :revision WHERE id = :id'),
    setSuccess: fast.prepare('UPDATE accounts SET last_success_at = :now WHERE id = :id'),
    setError: fast.prepare('UPDATE accounts SET last_error = :text WHERE id = :id'),
    setAttention: fast.prepare('UPDATE accounts SET attention = :text WHERE id = :id'),
    clear: fast.prepare('UPDATE accounts SET last_error = NULL, attention = NULL WHERE id = :id'),
    findCooldown: fast.prepare('SELECT * FROM cooldowns WHERE account_id = :id AND model = :model'),
    endCooldowns: fast.prepare(`DELETE FROM cooldowns WHERE account_id = :id AND model IN (:model, '*')`),
    removeRefused: fast.prepare('DELETE FROM refused_parameters WHERE account_id = :id'),
    putRefused: fast.prepare(`
      INSERT INTO refused_parameters (account_id, model, parameter, at) VALUES (:id, :model, :parameter, :now)
      ON CONFLICT DO UPDATE SET at = :now`),
    trimRefused: fast.prepare(`
      DELETE FROM refused_parameters WHERE account_id = :id AND (model, parameter) NOT IN
        (SELECT model, parameter FROM refused_parameters WHERE account_id = :id ORDER BY at DESC LIMIT :kept)`),
    addCost: fast.prepare(`
      INSERT INTO limit_counters (subject, bound, period, started_at, used)
      VALUES (:subject, :bound, :period, :startsAt, :cost)
      ON CONFLICT DO UPDATE SET used = used + :cost`),
    removeCooldowns: fast.prepare('DELETE FROM cooldowns WHERE account_id = :id'),
    putCooldown: fast.prepare(`
      INSERT INTO cooldowns (account_id, model, cause, strikes, started_at, ends_at)
      VALUES (:id, :model, :cause, :strikes, :startedAt, :endsAt)
      ON CONFLICT (account_id, model) DO UPDATE SET
        cause = :cause, strikes = :strikes, started_at = :startedAt, ends_at = :endsAt`),
  }
}
