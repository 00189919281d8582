import { readOptionalNumber } from '../rows/row.ts'
import type { RedisContext } from './context.ts'
import { toRow } from './reply.ts'
import { transact } from './transaction.ts'

/** Notes when a key was used first, once; a key that is gone meanwhile is no error. */
export async function noteFirstUse(context: RedisContext, keyId: string): Promise<void> {
  await transact(context, 'config-guard', async (transaction) => {
    const text = await transaction.get('relayKeys', keyId)
    const row = text === undefined ? undefined : toRow(text)
    if (row === undefined || readOptionalNumber(row, 'first_used_at') !== undefined) return
    transaction.put('relayKeys', keyId, JSON.stringify({ ...row, first_used_at: context.now() }))
    transaction.touch('relay-key', keyId)
  })
}
