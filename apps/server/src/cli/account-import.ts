import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { defineCommand } from 'citty'

import { jsonFileTrouble } from '../config/json-file-trouble.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { importAccounts } from '../upkeep/account-file.ts'
import { amount } from './amount.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { passphraseArguments, readPassphrase } from './passphrase.ts'
import { endWith, oneLine, report } from './report.ts'
import { withStore } from './with-store.ts'

/** `relay account import`: makes the accounts of a file. */
export const accountImport = defineCommand({
  meta: { name: 'relay account import', description: 'Add the accounts of a file; those whose name is taken stay' },
  args: {
    file: { type: 'positional', required: true, description: 'A file that `relay account export` has written' },
    ...passphraseArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const value = readJson(resolve(args.file))
    const secret = await readPassphrase(args)
    await withStore(args, async ({ store }) => {
      const outcome = await importAccounts({ store, value, secret })
      if (outcome.skipped.length > 0) endWith(EXIT_CODES.failed)
      const skipped = outcome.skipped.map(({ name, why }) => `\n"${oneLine(name)}" was left out: ${oneLine(why)}`)
      report(
        args,
        outcome,
        `${amount(outcome.created.length, 'account was', 'accounts were')} added.${skipped.join('')}`,
      )
    })
  },
})

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new ExitError(EXIT_CODES.failed, `${path} ${jsonFileTrouble(cause)}; nothing was changed`, { cause })
  }
}
