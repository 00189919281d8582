import { resolve } from 'node:path'

import { defineCommand } from 'citty'

import type { CheckedExport } from '../upkeep/read-export.ts'
import { checkExport } from '../upkeep/read-export.ts'
import { amount } from './amount.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { askPassphrase, passphraseArguments } from './passphrase.ts'
import { createProgress } from './progress.ts'
import type { ReportStyle } from './report.ts'
import { report } from './report.ts'
import { withStore } from './with-store.ts'

/** `relay import`: reads an export into an empty data set. */
export const importAll = defineCommand({
  meta: { name: 'relay import', description: 'Read an export into an empty data set' },
  args: {
    file: { type: 'positional', required: true, description: 'A file that `relay export` has written' },
    'dry-run': { type: 'boolean', default: false, description: 'Say what the file holds, and write nothing' },
    ...passphraseArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const file = await checkExport(resolve(args.file))
    if (args['dry-run']) return tellWhatIsHeld(args, file)
    const isSealed = file.header.secrets?.kdf === 'argon2id'
    const said = isSealed ? await askPassphrase(args, 'Passphrase of the export') : undefined
    await withStore(args, async ({ config, store }) => {
      const own = { kind: 'encryption-key', encryptionKey: config.encryptionKey } as const
      const progress = createProgress(args, (count) => `${count} of ${file.rows} objects`)
      const rows = await store.writeEverything(file.read(isSealed ? said : own, progress))
      const withSecrets = file.header.secrets !== null
      const next = withSecrets
        ? 'Keys and accounts work as they did.'
        : 'It held no secrets: enter the credentials of the accounts, and issue the keys again.'
      report(args, { rows, withSecrets }, `${amount(rows, 'object was', 'objects were')} read. ${next}`)
    })
  },
})

/** The file is whole, as far as can be said without its passphrase. */
function tellWhatIsHeld(style: ReportStyle, { header, rows }: CheckedExport): void {
  const { madeBy, createdAt, withUsage, secrets } = header
  const sealedWith = secrets === null ? undefined : secrets.kdf === 'argon2id' ? 'passphrase' : 'encryption-key'
  const words = sealedWith === undefined ? 'no secrets' : `secrets sealed under ${SEALS[sealedWith]}`
  const text = `The file is whole: ${amount(rows, 'object')} of ${createdAt}, made by ${madeBy}, with ${words}.`
  report(style, { isDryRun: true, rows, madeBy, createdAt, withUsage, sealedWith }, text)
}

const SEALS = { passphrase: 'a passphrase', 'encryption-key': 'an ENCRYPTION_KEY' } as const
