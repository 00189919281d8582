import { confirm } from '@clack/prompts'
import { defineCommand } from 'citty'

import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { report } from './report.ts'
import { usageError } from './usage-error.ts'
import { requireAccount } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay account remove`: removes an account with its credential; usage records stay. */
export const accountRemove = defineCommand({
  meta: { name: 'relay account remove', description: 'Remove an account and its credential; usage records stay' },
  args: {
    name: { type: 'positional', required: true, description: 'Its name or id' },
    yes: { type: 'boolean', default: false, description: 'Do not ask' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const account = await requireAccount(store, args.name)
      if (!args.yes) await requireConfirmation(account.name)
      await store.removeAccount(account.id)
      report(args, { removed: account.id, name: account.name }, `Account "${account.name}" was removed.`)
    }),
})

async function requireConfirmation(name: string): Promise<void> {
  if (!process.stdin.isTTY) throw usageError('removing cannot be undone; say --yes')
  const isSure = await confirm({ message: `Remove the account "${name}" and its credential?`, initialValue: false })
  if (isSure !== true) throw new ExitError(EXIT_CODES.failed, 'cancelled; nothing was changed')
}
