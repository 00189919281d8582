import { defineCommand } from 'citty'

import { RULE_SETTINGS } from '../relay/prepare/rule-book.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { report } from './report.ts'
import { findPlace, nameOfPlace, placeArguments } from './rule-place.ts'
import { withStore } from './with-store.ts'

/** `relay rules remove`: takes rules out of use. */
export const rulesRemove = defineCommand({
  meta: { name: 'relay rules remove', description: 'Take rules out of use' },
  args: { ...placeArguments, ...commonArguments },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async (rooms) => {
      const account = await findPlace(args, rooms)
      if (account === undefined) await rooms.store.writeSetting(RULE_SETTINGS.operator, undefined)
      else await rooms.store.updateAccount(account.id, { rules: {} })
      report(
        args,
        { account: account?.name ?? null, rules: [] },
        `There are no rules for ${nameOfPlace(account)} any more.`,
      )
    }),
})
