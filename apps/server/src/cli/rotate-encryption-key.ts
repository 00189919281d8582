import { defineCommand } from 'citty'

import type { Config } from '../config/config.ts'
import type { KeyPair } from '../config/next-key.ts'
import { ownKeyPair, putOldKeyAside, takeNewKey } from '../config/next-key.ts'
import { weaknessOf } from '../config/secret-strength.ts'
import { readSecretsFile } from '../config/secrets-file.ts'
import { amount } from './amount.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { readSecretVariable, readStandardInput } from './passphrase.ts'
import { createProgress } from './progress.ts'
import { note, report } from './report.ts'
import { usageError } from './usage-error.ts'
import { withStore } from './with-store.ts'

/** `relay rotate-encryption-key`: seals everything under another `ENCRYPTION_KEY` while servers go on. */
export const rotateEncryptionKey = defineCommand({
  meta: {
    name: 'relay rotate-encryption-key',
    description: 'Seal all secrets under another ENCRYPTION_KEY; servers go on, and an interrupted run can be repeated',
  },
  args: {
    'new-key-env': {
      type: 'string',
      valueHint: 'name',
      description: 'Read the new key from this environment variable',
    },
    'new-key-stdin': { type: 'boolean', default: false, description: 'Read the new key from standard input' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ config, store }) => {
      // Only a key that Relay has made and keeps itself can it also replace.
      const isOwn = readSecretsFile(config.dataDir)?.ENCRYPTION_KEY === config.encryptionKey
      const keys = await readKeys(args, config, isOwn)
      const weakness = weaknessOf(keys.newKey)
      if (weakness !== undefined) throw usageError(`the new key ${weakness}`)
      note(args, 'every process learns of the new key …')
      const onProgress = createProgress(args, (count) => amount(count, 'secret'))
      const onBegun = (): void => (isOwn ? takeNewKey(config.dataDir, keys) : undefined)
      const outcome = await store.rotateEncryptionKey({ ...keys, onBegun, onProgress })
      const oldKeyFile = isOwn ? putOldKeyAside(config.dataDir) : undefined
      const next = isOwn
        ? 'secrets.json holds the new key; start every server again when it suits.'
        : 'Set ENCRYPTION_KEY to the new key and start every server again when it suits.'
      const old = `${oldKeyFile === undefined ? 'Keep the old key' : `The old key is in ${oldKeyFile}: keep it`} as long as you keep backups that were made before.`
      const unreadable =
        outcome.unreadable === 0
          ? ''
          : ` ${amount(outcome.unreadable, 'could not be opened and stays as it is', 'could not be opened and stay as they are')}.`
      report(
        args,
        { ...outcome, oldKeyFile },
        `${amount(outcome.sealed, 'secret is', 'secrets are')} sealed under the new key.${unreadable}\n${next}\n${old}`,
      )
    }),
})

interface NewKeyArguments {
  readonly 'new-key-env'?: string | undefined
  readonly 'new-key-stdin': boolean
}

/** Where Relay has made the key itself, it makes the next one, too. */
async function readKeys(args: NewKeyArguments, config: Config, isOwn: boolean): Promise<KeyPair> {
  const variable = args['new-key-env']
  if (variable !== undefined && args['new-key-stdin'])
    throw usageError('choose one of --new-key-env and --new-key-stdin')
  const oldKey = config.encryptionKey
  if (variable !== undefined) return { oldKey, newKey: readSecretVariable('new-key-env', variable) }
  if (args['new-key-stdin']) return { oldKey, newKey: await readStandardInput() }
  if (isOwn) return ownKeyPair(config.dataDir, oldKey)
  throw usageError('the new key is missing; use --new-key-env NAME or --new-key-stdin')
}
