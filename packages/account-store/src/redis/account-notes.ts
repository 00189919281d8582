import { checkNumber, checkText } from '../check-field.ts'
import { calendarPeriod } from '../limits/calendar.ts'
import type { AccountStateRoom } from '../store/account-state-room.ts'
import { readRefused, stateField, writeRefused } from './account-documents.ts'
import type { RedisContext } from './context.ts'
import { transact, writeAccountState } from './transaction.ts'

/** What is noted about an account beside its health. */
export type AccountNotes = Pick<AccountStateRoom, 'recordAccountCost' | 'noteRefusedParameter'>

const NAME = { min: 1, max: 200 }
const MAX_REFUSED = 100

/** Notes in Redis. */
export function createAccountNotes(context: RedisContext): AccountNotes {
  const { feed, now } = context

  async function recordAccountCost(id: string, costMicroUsd: number): Promise<void> {
    await feed.catchUp()
    const dailyQuota = feed.accounts().get(id)?.account.dailyQuota
    if (dailyQuota === undefined || costMicroUsd === 0) return
    const amount = checkNumber('costMicroUsd', costMicroUsd, { min: 0, max: Number.MAX_SAFE_INTEGER })
    const { label } = calendarPeriod({ period: 'day', ...dailyQuota, at: now() })
    const sum = { field: stateField(id, 'quota'), period: label, amount }
    await writeAccountState(context, { accountId: id, puts: [], removals: [], sum })
  }

  const noteRefusedParameter: AccountNotes['noteRefusedParameter'] = async (id, refused) => {
    const model = checkText('model', refused.model, NAME)
    const parameter = checkText('parameter', refused.parameter, NAME)
    await transact(context, 'cooldown-guard', async (transaction) => {
      if ((await transaction.get('accounts', id)) === undefined) return
      const field = stateField(id, 'refused_parameters')
      const known = readRefused(await transaction.get('accountStates', field))
      const others = known.filter((other) => other.model !== model || other.parameter !== parameter)
      transaction.put('accountStates', field, writeRefused([...others, { model, parameter, at: now() }], MAX_REFUSED))
      transaction.touch('account', id)
    })
  }

  return { recordAccountCost, noteRefusedParameter }
}
