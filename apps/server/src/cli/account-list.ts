import type { Account } from '@relay/account-store'
import { defineCommand } from 'citty'

import { commonArguments, strictArguments } from './arguments.ts'
import { formatTable, report } from './report.ts'
import { accountStatus, accountView } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay account list`: shows all accounts, never their credentials. */
export const accountList = defineCommand({
  meta: { name: 'relay account list', description: 'List the accounts' },
  args: commonArguments,
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const accounts = await store.listAccounts()
      const text = accounts.length === 0 ? 'There is no account yet.' : formatTable(HEADINGS, accounts.map(toRow))
      report(args, accounts.map(accountView), text)
    }),
})

const HEADINGS = ['NAME', 'TYPE', 'FORMAT', 'ADDRESS', 'CREDENTIAL', 'STATUS']

function toRow(account: Account): readonly string[] {
  const { name, type, apiFormat, baseUrl, hasCredential, credentialLastFour } = account
  const credential = hasCredential ? `…${credentialLastFour ?? ''}` : 'none'
  return [name, type, apiFormat, baseUrl, credential, accountStatus(account)]
}
