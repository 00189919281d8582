import { reprice } from '../upkeep/reprice.ts'
import { refuse } from './admin-answer.ts'
import { repriceInputSchema, repriceSchema } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** Costs of past requests, computed anew with the prices that hold now. */
export function addRepriceRoute({ rooms: { store, prices }, add }: AdminRouter): void {
  add(
    {
      method: 'POST',
      path: '/usage/reprice',
      summary: 'Computes the costs of past requests anew with the prices of today; a dry run changes nothing.',
      role: 'admin',
      scope: 'settings:write',
      body: repriceInputSchema,
      answer: repriceSchema,
    },
    async ({ context, body: { from, before, isDryRun }, note }) => {
      if (from >= before) {
        return refuse(context, {
          code: 'invalid-request',
          message: 'from has to be earlier than before.',
          field: 'from',
        })
      }
      const outcome = await reprice({ store, prices, from, before, isDryRun })
      if (!isDryRun) await note({ action: 'usage.reprice', after: { from, before, ...outcome } })
      return outcome
    },
  )
}
