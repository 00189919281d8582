import type { Account, AccountInput, AccountStore } from '@relay/account-store'
import { StoreError } from '@relay/account-store'
import * as z from 'zod'

import { EXIT_CODES, ExitError } from '../exit-error.ts'
import type { FileSecret, LineSealer } from './line-sealer.ts'
import { openLineSealer } from './line-sealer.ts'

/** What accounts are carried as. */
export interface AccountFile {
  readonly format: 'relay-accounts'
  readonly version: 1
  readonly secrets: LineSealer['header'] | null
  readonly accounts: readonly AccountEntry[]
}

interface AccountEntry {
  readonly settings: Readonly<Record<string, unknown>>
  /** Sealed JSON of `credential` and `proxyUrl`. */
  readonly secret?: string | undefined
}

/** What became of the accounts of a file. */
export interface AccountImport {
  readonly created: readonly string[]
  /** By name, with why. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
}

/** What an account has that nobody has entered. */
const NOT_SETTINGS: ReadonlySet<string> = new Set([
  'id',
  'managedBy',
  'hasCredential',
  'credentialLastFour',
  'hasProxyPassword',
  'createdAt',
  'updatedAt',
  'state',
])

const fileSchema = z.object({
  format: z.literal('relay-accounts'),
  version: z.literal(1),
  secrets: z
    .object({ kdf: z.literal('argon2id'), memory: z.number(), passes: z.number(), salt: z.string() })
    .nullable(),
  accounts: z.array(z.object({ settings: z.looseObject({ name: z.string() }), secret: z.string().optional() })),
})
const secretSchema = z.object({ credential: z.string().optional(), proxyUrl: z.string().optional() })

/** What somebody has entered for an account, without its credential. */
export function accountSettings(account: Account): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(account).filter(([name]) => !NOT_SETTINGS.has(name)))
}

/** Credential and proxy of an account, as far as they can be opened. */
export async function openSecrets(
  store: Pick<AccountStore, 'openCredential' | 'openProxyUrl'>,
  { id }: Account,
): Promise<Pick<AccountInput, 'credential' | 'proxyUrl'>> {
  const [credential, proxy] = await Promise.all([store.openCredential(id), store.openProxyUrl(id)])
  return {
    ...(credential.type === 'opened' ? { credential: credential.credential } : {}),
    ...(proxy.type === 'opened' ? { proxyUrl: proxy.proxyUrl } : {}),
  }
}

/** Makes the file of some accounts. */
export async function exportAccounts(
  store: AccountStore,
  accounts: readonly Account[],
  sealer: LineSealer | undefined,
): Promise<AccountFile> {
  const entries: AccountEntry[] = []
  for (const [index, account] of accounts.entries()) {
    const settings = accountSettings(account)
    if (sealer === undefined) entries.push({ settings })
    else entries.push({ settings, secret: sealer.seal(JSON.stringify(await openSecrets(store, account)), index) })
  }
  return { format: 'relay-accounts', version: 1, secrets: sealer?.header ?? null, accounts: entries }
}

/** Where accounts come from. */
export interface AccountImportOrder {
  readonly store: Pick<AccountStore, 'createAccount'>
  /** The file, as JSON data. */
  readonly value: unknown
  readonly secret: FileSecret | undefined
}

/**
 * Makes the accounts of a file; one whose name is taken is left as it is.
 *
 * @throws ExitError for what is no such file, or a passphrase that does not open it
 */
export async function importAccounts({ store, value, secret }: AccountImportOrder): Promise<AccountImport> {
  const parsed = fileSchema.safeParse(value)
  if (!parsed.success) throw new ExitError(EXIT_CODES.failed, 'this is no file of accounts; nothing was changed')
  const { secrets, accounts } = parsed.data
  const sealer = secrets === null || secret === undefined ? undefined : await openLineSealer(secrets, secret)
  if (secrets !== null && sealer === undefined) {
    throw new ExitError(
      EXIT_CODES.failed,
      'the credentials are sealed; use --passphrase-env NAME or --passphrase-stdin',
    )
  }
  const inputs = accounts.map(({ settings, secret: sealed }, index) => ({
    ...settings,
    ...(sealer === undefined || sealed === undefined ? {} : openEntry(sealer, sealed, index)),
  }))
  const created: string[] = []
  const skipped: { name: string; why: string }[] = []
  for (const input of inputs) {
    // The store checks every field of what somebody has written into a file.
    const why = await tryCreate(store, input as unknown as AccountInput)
    if (why === undefined) created.push(input.name)
    else skipped.push({ name: input.name, why })
  }
  return { created, skipped }
}

function openEntry(sealer: LineSealer, sealed: string, index: number): z.output<typeof secretSchema> {
  const text = sealer.open(sealed, index)
  if (text === undefined) {
    throw new ExitError(EXIT_CODES.failed, 'the passphrase does not open the credentials; nothing was changed')
  }
  return secretSchema.parse(JSON.parse(text))
}

async function tryCreate(store: Pick<AccountStore, 'createAccount'>, input: AccountInput): Promise<string | undefined> {
  try {
    await store.createAccount(input)
    return undefined
  } catch (error) {
    if (StoreError.is(error) && (error.code === 'name-taken' || error.code === 'invalid-input')) return error.message
    throw error
  }
}
