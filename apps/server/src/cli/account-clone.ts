import type { AccountInput } from '@relay/account-store'
import { defineCommand } from 'citty'

import { accountSettings, openSecrets } from '../upkeep/account-file.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { report } from './report.ts'
import { accountView, requireAccount } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay account clone`: makes another account with the same settings, address and credential. */
export const accountClone = defineCommand({
  meta: { name: 'relay account clone', description: 'Copy an account, its credential too' },
  args: {
    name: { type: 'positional', required: true, description: 'The account to copy' },
    copy: { type: 'positional', required: true, description: 'The name of the copy' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const account = await requireAccount(store, args.name)
      // What the store itself has given out as settings is what it takes.
      const settings = accountSettings(account) as unknown as AccountInput
      const input = { ...settings, ...(await openSecrets(store, account)), name: args.copy, isDemo: false }
      const copy = await store.createAccount(input)
      report(args, accountView(copy), `Account "${copy.name}" is a copy of "${account.name}".`)
    }),
})
