import type { AccountChange } from '@relay/account-store'
import { defineCommand } from 'citty'

import { accountTrouble } from '../config/account-trouble.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { readModels } from './account-add.ts'
import { accountArguments, readAccountOptions } from './account-options.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { credentialArguments, readCredential } from './credential.ts'
import { report } from './report.ts'
import { requireChange } from './require-change.ts'
import { accountView, requireAccount } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay account edit`: changes what is given, and nothing else. */
export const accountEdit = defineCommand({
  meta: { name: 'relay account edit', description: 'Change an account; what is not given stays' },
  args: {
    name: { type: 'positional', required: true, description: 'Its name or id' },
    rename: { type: 'string', valueHint: 'name', description: 'Another name' },
    'base-url': {
      type: 'string',
      valueHint: 'url',
      description: 'Another address for all formats; the credential has to be entered again with it',
    },
    models: { type: 'string', valueHint: 'asked=sent,…', description: 'Another model map' },
    enabled: { type: 'enum', options: ['yes', 'no'], description: 'Switched on at all' },
    ...accountArguments,
    ...credentialArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const account = await requireAccount(store, args.name)
      const change: AccountChange = {
        ...readAccountOptions(args, account.dailyQuota),
        ...(args.rename === undefined ? {} : { name: args.rename }),
        // As with a new account it stands for all addresses: a credential goes to no other host.
        ...(args['base-url'] === undefined ? {} : { baseUrl: args['base-url'], formatBaseUrls: {} }),
        models: args.models === undefined ? undefined : readModels(args.models),
        enabled: args.enabled === undefined ? undefined : args.enabled === 'yes',
        ...(await changedCredential(args, account.name)),
      }
      requireChange(change, 'relay account edit')
      const trouble = accountTrouble({ ...account, baseUrl: args['base-url'] ?? account.baseUrl })
      if (trouble !== undefined) throw new ExitError(EXIT_CODES.failed, trouble.message)
      const changed = await store.updateAccount(account.id, change)
      report(args, accountView(changed), `The account "${changed.name}" was changed; every node knows within a second.`)
    }),
})

type CredentialWays = Parameters<typeof readCredential>[0]

/** Only where it was said where the credential comes from: an edit does not ask for one. */
async function changedCredential(args: CredentialWays, name: string): Promise<Pick<AccountChange, 'credential'>> {
  if (args['without-credential']) return { credential: null }
  if (args['credential-env'] === undefined && !args['credential-stdin']) return {}
  return { credential: await readCredential(args, `Credential for ${name}`) }
}
