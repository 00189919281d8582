import { resolve } from 'node:path'

import type { BackupFacts } from '@relay/account-store'
import { restoreSqliteStore, verifySqliteFile } from '@relay/account-store'
import { defineCommand } from 'citty'

import type { Config } from '../config/config.ts'
import { readConfig } from '../config/config.ts'
import { checkExport } from '../upkeep/read-export.ts'
import { amount } from './amount.ts'
import { commonArguments, environmentOf, strictArguments } from './arguments.ts'
import { createProgress } from './progress.ts'
import type { ReportStyle } from './report.ts'
import { note, report } from './report.ts'
import { withStore } from './with-store.ts'

/** `relay restore`: puts a backup in the place of the data set. */
export const restore = defineCommand({
  meta: { name: 'relay restore', description: 'Put a backup in the place of the data set; no server may run' },
  args: {
    file: { type: 'positional', required: true, description: 'A file that `relay backup` has made' },
    'dry-run': { type: 'boolean', default: false, description: 'Say what the backup holds, and change nothing' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const config = readConfig(environmentOf(args))
    const from = resolve(args.file)
    note(args, 'checking …')
    if (args['dry-run']) return tellWhatIsHeld(args, { from, config })
    if (config.redis !== undefined) return restoreExport(args, from)
    const outcome = restoreSqliteStore({ from, path: config.storeFile, encryptionKey: config.encryptionKey })
    await withStore(args, async ({ noteDeed }) => noteDeed({ action: 'backup.restore', after: { from, ...outcome } }))
    const kept = outcome.keptAs === undefined ? '' : ` What was there is kept as ${outcome.keptAs}.`
    const now = `${config.storeFile} holds the backup now: ${countsOf(outcome)}.${kept}`
    report(args, { path: config.storeFile, ...outcome }, now)
  },
})

interface Look {
  readonly from: string
  readonly config: Config
}

/** Proves the backup; servers may go on. */
async function tellWhatIsHeld(style: ReportStyle, { from, config }: Look): Promise<void> {
  if (config.redis !== undefined) {
    const { rows } = await checkExport(from)
    return report(style, { isDryRun: true, rows }, `${from} is whole: ${amount(rows, 'object')}.`)
  }
  const facts = verifySqliteFile({ path: from, encryptionKey: config.encryptionKey })
  report(style, { isDryRun: true, ...facts }, `${from} is whole: ${countsOf(facts)}.`)
}

function countsOf({ accounts, relayKeys, usageRecords }: BackupFacts): string {
  return [amount(accounts, 'account'), amount(relayKeys, 'key'), amount(usageRecords, 'usage record')].join(', ')
}

/** A backup of Redis is an export, and goes into an empty data set only. */
async function restoreExport(args: Parameters<typeof withStore>[0], from: string): Promise<void> {
  const file = await checkExport(from)
  await withStore(args, async ({ config, store }) => {
    const progress = createProgress(args, (count) => `${count} of ${file.rows} rows`)
    const secret = { kind: 'encryption-key', encryptionKey: config.encryptionKey } as const
    const rows = await store.writeEverything(file.read(secret, progress))
    report(args, { rows }, `${amount(rows, 'object')} of the backup ${rows === 1 ? 'was' : 'were'} written.`)
  })
}
