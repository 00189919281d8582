import type { AccountAttention, AccountError, Cooldown } from '../account.ts'
import { isEndedBySuccess, runningCooldown } from '../pool/cooldown.ts'
import { MAX_COOLDOWNS, nextCooldown } from '../pool/next-cooldown.ts'
import { toAccount, toCooldown } from '../rows/account-rows.ts'
import type { AccountStateRoom, CooldownAlternative, CooldownRequest } from '../store/account-state-room.ts'
import type { AccountNotes } from './account-notes.ts'
import type { AccountSnapshot } from './account-snapshot.ts'
import type { AccountStateReader } from './account-state-reader.ts'
import type { StoreContext } from './context.ts'

/** A success is noted at most this often, so that traffic does not become writes. */
const SUCCESS_RESOLUTION_MS = 10_000
const MAX_MESSAGE_CHARACTERS = 500

/** States of accounts in the embedded store. */
export function createAccountStateRoom(
  context: StoreContext,
  { snapshot, reader }: { readonly snapshot: AccountSnapshot; readonly reader: AccountStateReader },
): Omit<AccountStateRoom, keyof AccountNotes> {
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
    const ended = state.cooldowns.filter((cooldown) => isEndedBySuccess(cooldown, model, now()))
    const hasHistory = ended.length > 0
    const age = now() - (state.lastSuccessAt ?? -Infinity)
    // A negative age is a clock that was set back.
    if (!hasHistory && age >= 0 && age < SUCCESS_RESOLUTION_MS) return
    change(id, () => {
      for (const { model: rested, endsAt } of ended) statements.endCooldown.run({ id, model: rested, endsAt })
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
      statements.forgetCooldowns.run({ id: accountId, model: cooldown.model, most: MAX_COOLDOWNS - 1 })
      statements.stamp.run({ id: accountId, revision: accountRevision.bump('fast') })
      return cooldown
    })
  }

  return { recordAccountSuccess, recordAccountError, startCooldown, setAttention, clearAccountState }
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
    endCooldown: fast.prepare(
      'DELETE FROM cooldowns WHERE account_id = :id AND model = :model AND ends_at = :endsAt', // not one that was begun since
    ),
    removeRefused: fast.prepare('DELETE FROM refused_parameters WHERE account_id = :id'),
    removeCooldowns: fast.prepare('DELETE FROM cooldowns WHERE account_id = :id'),
    forgetCooldowns: fast.prepare(`
      DELETE FROM cooldowns WHERE account_id = :id AND model IN (
        SELECT model FROM cooldowns WHERE account_id = :id AND model <> :model ORDER BY ends_at DESC LIMIT -1 OFFSET :most)`),
    putCooldown: fast.prepare(`
      INSERT INTO cooldowns (account_id, model, cause, strikes, started_at, ends_at)
      VALUES (:id, :model, :cause, :strikes, :startedAt, :endsAt)
      ON CONFLICT (account_id, model) DO UPDATE SET
        cause = :cause, strikes = :strikes, started_at = :startedAt, ends_at = :endsAt`),
  }
}
