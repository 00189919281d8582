import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { defineCommand } from 'citty'

import { exportAccounts } from '../upkeep/account-file.ts'
import { createLineSealer } from '../upkeep/line-sealer.ts'
import { amount } from './amount.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { passphraseArguments, readPassphrase } from './passphrase.ts'
import { report } from './report.ts'
import { requireAccount } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay account export`: writes accounts into a file. */
export const accountExport = defineCommand({
  meta: {
    name: 'relay account export',
    description: 'Write accounts into a file; credentials only under a passphrase',
  },
  args: {
    name: { type: 'positional', required: false, description: 'One account; all of them unless given' },
    output: { type: 'string', valueHint: 'file', description: 'File to write; standard output unless given' },
    ...passphraseArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const secret = await readPassphrase(args)
    const sealer = secret === undefined ? undefined : await createLineSealer(secret)
    await withStore(args, async ({ store, noteDeed }) => {
      const all = (await store.listAccounts()).filter(({ isDemo }) => !isDemo)
      const accounts = args.name === undefined ? all : [await requireAccount(store, args.name)]
      const text = `${JSON.stringify(await exportAccounts(store, accounts, sealer), null, 2)}\n`
      const names = accounts.map(({ name }) => name)
      await noteDeed({ action: 'account.export', after: { names, withCredentials: sealer !== undefined } })
      if (args.output === undefined) {
        process.stdout.write(text)
        return
      }
      const path = resolve(args.output)
      writeFileSync(path, text, { mode: 0o600 })
      report(
        args,
        { path, accounts: accounts.length },
        `${amount(accounts.length, 'account was', 'accounts were')} written to ${path}.`,
      )
    })
  },
})
