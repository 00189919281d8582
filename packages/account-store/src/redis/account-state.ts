import type { Account, AccountAttention, AccountError, Cooldown } from '../account.ts'
import { isEndedBySuccess, runningCooldown } from '../pool/cooldown.ts'
import { MAX_COOLDOWNS, nextCooldown } from '../pool/next-cooldown.ts'
import type { AccountStateRoom, CooldownAlternative, CooldownRequest } from '../store/account-state-room.ts'
import type { StateTexts } from './account-documents.ts'
import { readCooldowns, STATE_PARTS, stateField, stateFields, toDocument, writeCooldowns } from './account-documents.ts'
import { createAccountNotes } from './account-notes.ts'
import type { RedisContext } from './context.ts'
import type { Transaction } from './transaction.ts'
import { transact, writeAccountState } from './transaction.ts'

/** A success is noted at most this often, so that traffic does not become writes. */
const SUCCESS_RESOLUTION_MS = 10_000
const MAX_MESSAGE_CHARACTERS = 500

/** States of accounts in Redis. */
export function createAccountStateRoom(context: RedisContext): AccountStateRoom {
  const { now } = context

  async function recordAccountSuccess(id: string, model: string): Promise<void> {
    // What was true a moment ago is good enough: whoever changed it since noted a failure that is newer than this success.
    const state = (await knownAccount(context, id))?.state
    if (state === undefined) return
    const hasHistory = state.cooldowns.some((cooldown) => isEndedBySuccess(cooldown, model, now()))
    const age = now() - (state.lastSuccessAt ?? -Infinity)
    // A negative age is a clock that was set back.
    if (!hasHistory && age >= 0 && age < SUCCESS_RESOLUTION_MS) return
    if (hasHistory) await endCooldowns(context, id, model)
    await write(id, { last_success_at: String(now()) })
  }

  async function write(
    accountId: string,
    parts: { readonly [Part in (typeof STATE_PARTS)[number]]?: string | undefined },
  ): Promise<void> {
    const entries = STATE_PARTS.filter((part) => Object.hasOwn(parts, part)).map((part) => [part, parts[part]] as const)
    await writeAccountState(context, {
      accountId,
      puts: entries.flatMap(([part, text]) => (text === undefined ? [] : [[stateField(accountId, part), text]])),
      removals: entries.flatMap(([part, text]) => (text === undefined ? [stateField(accountId, part)] : [])),
    })
  }

  async function recordAccountError(id: string, error: AccountError): Promise<void> {
    await write(id, { last_error: JSON.stringify({ ...error, message: cut(error.message) }) })
  }

  async function setAttention(id: string, attention: AccountAttention): Promise<void> {
    await write(id, { attention: JSON.stringify({ ...attention, message: cut(attention.message) }) })
  }

  async function clearAccountState(id: string): Promise<void> {
    await write(id, {
      last_error: undefined,
      attention: undefined,
      cooldowns: undefined,
      refused_parameters: undefined,
    })
  }

  async function startCooldown(request: CooldownRequest): Promise<Cooldown | undefined> {
    return transact(context, 'cooldown-guard', async (transaction) => {
      const { accountId, alternatives } = request
      const account = await readAccount(transaction, accountId, now())
      if (account === undefined) return undefined
      if (alternatives !== undefined && !(await someUsable(transaction, alternatives, now()))) return undefined
      const { cooldowns } = account.state
      const before = cooldowns.find((cooldown) => cooldown.model === request.model)
      const cooldown = nextCooldown(request, before, now())
      if (cooldown === before) return cooldown
      const others = cooldowns
        .filter((other) => other !== before)
        .toSorted((left, right) => right.endsAt - left.endsAt)
        .slice(0, MAX_COOLDOWNS - 1)
      transaction.put('accountStates', stateField(accountId, 'cooldowns'), writeCooldowns([...others, cooldown]))
      transaction.touch('account', accountId)
      return cooldown
    })
  }

  return {
    recordAccountSuccess,
    recordAccountError,
    ...createAccountNotes(context),
    startCooldown,
    setAttention,
    clearAccountState,
  }
}

async function knownAccount({ feed }: RedisContext, id: string): Promise<Account | undefined> {
  await feed.catchUp()
  return feed.accounts().get(id)?.account
}

async function endCooldowns(context: RedisContext, id: string, model: string): Promise<void> {
  await transact(context, 'cooldown-guard', async (transaction) => {
    const cooldowns = readCooldowns(await transaction.get('accountStates', stateField(id, 'cooldowns')))
    const left = cooldowns.filter((cooldown) => !isEndedBySuccess(cooldown, model, context.now()))
    if (left.length === cooldowns.length) return
    transaction.put('accountStates', stateField(id, 'cooldowns'), writeCooldowns(left))
    transaction.touch('account', id)
  })
}

async function someUsable(
  transaction: Transaction,
  alternatives: readonly CooldownAlternative[],
  nowMs: number,
): Promise<boolean> {
  const accounts = await Promise.all(
    alternatives.map(async ({ accountId }) => readAccount(transaction, accountId, nowMs)),
  )
  return alternatives.some(({ model }, index) => {
    const account = accounts[index]
    if (account === undefined) return false
    const { enabled, schedulable, state } = account
    return enabled && schedulable && state.attention === undefined && runningCooldown(state, model, nowMs) === undefined
  })
}

async function readAccount(transaction: Transaction, id: string, nowMs: number): Promise<Account | undefined> {
  const [row, ...states]: StateTexts = await Promise.all([
    transaction.get('accounts', id),
    ...stateFields(id).map(async (field) => transaction.get('accountStates', field)),
  ])
  return row === undefined ? undefined : toDocument(row, states, nowMs).account
}

function cut(message: string): string {
  return message.slice(0, MAX_MESSAGE_CHARACTERS)
}
