import type { RefusedParameter } from '../account.ts'
import { checkNumber, checkText } from '../check-field.ts'
import type { AccountStateRoom } from '../store/account-state-room.ts'
import type { AccountQuota } from './account-quota.ts'
import type { AccountSnapshot } from './account-snapshot.ts'
import type { StoreContext } from './context.ts'

/** What is noted about an account beside its health. */
export type AccountNotes = Pick<AccountStateRoom, 'recordAccountCost' | 'noteRefusedParameter'>

const MAX_REFUSED = 100

/** Notes in the embedded store. */
export function createAccountNotes(
  context: StoreContext,
  { snapshot, quota }: { readonly snapshot: AccountSnapshot; readonly quota: AccountQuota },
): AccountNotes {
  const { fast, now, accountRevision } = context
  const statements = prepareStatements(context)

  function change(id: string, work: () => void): void {
    fast.transaction(() => {
      work()
      statements.stamp.run({ id, revision: accountRevision.bump('fast') })
    })
  }

  async function recordAccountCost(id: string, costMicroUsd: number): Promise<void> {
    const dailyQuota = snapshot.get(id)?.dailyQuota
    if (dailyQuota === undefined || costMicroUsd === 0) return
    const cost = checkNumber('costMicroUsd', costMicroUsd, { min: 0, max: Number.MAX_SAFE_INTEGER })
    change(id, () => quota.add(id, dailyQuota, cost))
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

  return { recordAccountCost, noteRefusedParameter }
}

function prepareStatements({ fast }: StoreContext) {
  return {
    stamp: fast.prepare('UPDATE accounts SET revision = :revision WHERE id = :id'),
    putRefused: fast.prepare(`
      INSERT INTO refused_parameters (account_id, model, parameter, at) VALUES (:id, :model, :parameter, :now)
      ON CONFLICT DO UPDATE SET at = :now`),
    trimRefused: fast.prepare(`
      DELETE FROM refused_parameters WHERE account_id = :id AND (model, parameter) NOT IN
        (SELECT model, parameter FROM refused_parameters WHERE account_id = :id ORDER BY at DESC LIMIT :kept)`),
  }
}
