import { resolve } from 'node:path'

import { defineCommand } from 'citty'

import { backupPath, makeBackup, removeOldBackups } from '../upkeep/backups.ts'
import { commonArguments, readCount, strictArguments } from './arguments.ts'
import { note, report } from './report.ts'
import { withStore } from './with-store.ts'

/** `relay backup`: copies the data set while it is in use, and proves the copy. */
export const backup = defineCommand({
  meta: { name: 'relay backup', description: 'Make a backup while servers go on, and prove it' },
  args: {
    output: { type: 'string', valueHint: 'file', description: 'Write it here, in place of DATA_DIR/backups' },
    keep: {
      type: 'string',
      valueHint: 'number',
      description: 'How many of the backups in DATA_DIR/backups stay; RELAY_BACKUPS unless given',
    },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ config, store, noteDeed }) => {
      const keep = readCount('keep', args.keep) ?? config.backupsKept
      const path = args.output === undefined ? backupPath(config) : resolve(args.output)
      note(args, 'copying and checking …')
      const made = await makeBackup(config, store, path)
      const removed = args.output === undefined && keep > 0 ? await removeOldBackups(config, keep) : []
      await noteDeed({ action: 'backup.create', after: { path: made.path, removed } })
      const old = removed.length === 0 ? '' : ` ${removed.length} old ones were removed.`
      const key = 'Its secrets are sealed under ENCRYPTION_KEY: keep that key as well, elsewhere.'
      report(args, { ...made, removed }, `${made.path} (${made.bytes} bytes) was made and is whole.${old}\n${key}`)
    }),
})
