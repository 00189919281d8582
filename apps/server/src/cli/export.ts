import { resolve } from 'node:path'

import { defineCommand } from 'citty'

import { writeExportFile } from '../upkeep/export-file.ts'
import { createLineSealer } from '../upkeep/line-sealer.ts'
import { amount } from './amount.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { passphraseArguments, readPassphrase } from './passphrase.ts'
import { createProgress } from './progress.ts'
import { report } from './report.ts'
import { withStore } from './with-store.ts'

/** `relay export`: writes the data set into a file that another installation, or another backend, can read. */
export const exportAll = defineCommand({
  meta: { name: 'relay export', description: 'Write accounts, keys, settings and usage into a file' },
  args: {
    output: { type: 'string', required: true, valueHint: 'file', description: 'File to write; *.gz is compressed' },
    usage: {
      type: 'boolean',
      default: true,
      description: 'Usage and audit log, too',
      negativeDescription: 'Without usage and audit log',
    },
    ...passphraseArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const secret = await readPassphrase(args)
    const sealer = secret === undefined ? undefined : await createLineSealer(secret)
    await withStore(args, async ({ store, noteDeed }) => {
      const path = resolve(args.output)
      const onProgress = createProgress(args, (count) => amount(count, 'object'))
      const rows = await writeExportFile(path, { store, withUsage: args.usage, sealer, onProgress })
      await noteDeed({ action: 'data.export', after: { path, rows, withSecrets: sealer !== undefined } })
      const secrets =
        sealer === undefined
          ? 'It holds no secrets: accounts are without credentials and keys have to be issued again. Secrets go along under --passphrase-env.'
          : 'Its secrets are sealed under the passphrase.'
      report(
        args,
        { path, rows, withSecrets: sealer !== undefined },
        `${amount(rows, 'object was', 'objects were')} written to ${path}. ${secrets}`,
      )
    })
  },
})
