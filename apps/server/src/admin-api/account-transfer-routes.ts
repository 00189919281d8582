import { StoreError } from '@relay/account-store'
import type { Account, AccountStore } from '@relay/account-store'

import { checkAccount } from './account-check.ts'
import { accountObject, MAX_ACCOUNT_BYTES } from './account-routes.ts'
import { refuse } from './admin-answer.ts'
import {
  accountExportInputSchema,
  accountFileSchema,
  accountImportInputSchema,
  accountImportSchema,
  accountInputSchema,
} from './contract/index.ts'
import type { AccountFile, AccountImport } from './contract/index.ts'
import { createPassphraseBox } from './passphrase-box.ts'
import type { PassphraseBox } from './passphrase-box.ts'
import type { AdminRouter } from './router.ts'

type Entry = AccountFile['accounts'][number]

/** Accounts as a file: their credentials go along only under a passphrase. */
export function addAccountTransferRoutes({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'POST',
      path: '/accounts/export',
      summary: 'Writes accounts as a file; with a passphrase their credentials go along, encrypted.',
      role: 'admin',
      scope: 'backup',
      body: accountExportInputSchema,
      answer: accountFileSchema,
    },
    async ({ body: { ids, passphrase }, note }) => {
      const all = (await store.listAccounts()).filter(({ isDemo }) => !isDemo)
      const chosen = ids === undefined || ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id))
      const box = passphrase === undefined ? undefined : await createPassphraseBox(passphrase)
      const accounts = await Promise.all(chosen.map(async (account) => writeEntry(store, account, box)))
      const names = chosen.map(({ name }) => name)
      await note({ action: 'account.export', after: { names, withCredentials: box !== undefined } })
      return {
        format: 'relay-accounts' as const,
        version: 1 as const,
        exportedAt: Date.now(),
        salt: box?.salt,
        accounts,
      }
    },
  )
  add(
    {
      method: 'POST',
      path: '/accounts/import',
      summary: 'Adds the accounts of a file whose names are free.',
      role: 'admin',
      scope: 'backup',
      body: accountImportInputSchema,
      answer: accountImportSchema,
      maxBodyBytes: 16 * MAX_ACCOUNT_BYTES,
    },
    async ({ context, body: { file, passphrase }, note }) => {
      const box = passphrase === undefined ? undefined : await createPassphraseBox(passphrase, file.salt ?? '')
      const entries = file.accounts.map((entry) => readEntry(entry, box))
      if (entries.includes('sealed')) {
        const message = 'passphrase: it does not open the keys of this file.'
        return refuse(context, { code: 'invalid-request', message, field: 'passphrase' })
      }
      const outcome = await importAll(store, entries)
      for (const account of outcome.created) await note({ action: 'account.import', object: accountObject(account) })
      return outcome
    },
  )
}

async function writeEntry(store: AccountStore, account: Account, box: PassphraseBox | undefined): Promise<Entry> {
  const { id, name } = account
  const settings = toEntered(account)
  if (box === undefined) return { account: settings }
  const opened = await store.openCredential(id)
  return { account: settings, credential: opened.type === 'opened' ? box.seal(opened.credential, name) : undefined }
}

/** The settings of an account as they can be entered again. */
function toEntered(account: Account): Record<string, unknown> {
  const names = Object.keys(accountInputSchema.shape).filter((name) => name !== 'credential')
  const fields: Readonly<Record<string, unknown>> = { ...account }
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]))
}

interface ReadEntry {
  readonly name: string
  readonly settings: Entry['account']
  readonly credential: string | undefined
}

/** @returns `sealed` when the file holds a credential that the passphrase does not open */
function readEntry({ account, credential }: Entry, box: PassphraseBox | undefined): ReadEntry | 'sealed' {
  const name = typeof account.name === 'string' ? account.name : ''
  if (credential === undefined) return { name, settings: account, credential: undefined }
  const opened = box?.open(credential, name)
  return opened === undefined ? 'sealed' : { name, settings: account, credential: opened }
}

async function importAll(store: AccountStore, entries: readonly (ReadEntry | 'sealed')[]): Promise<AccountImport> {
  const outcome: AccountImport = { created: [], skipped: [] }
  for (const entry of entries) {
    if (entry === 'sealed') continue
    const { name } = entry
    try {
      const { id } = await importOne(store, entry)
      outcome.created.push({ id, name })
    } catch (error) {
      if (!StoreError.is(error)) throw error
      outcome.skipped.push({ name, why: error.message })
    }
  }
  return outcome
}

async function importOne(store: AccountStore, { settings, credential }: ReadEntry): Promise<Account> {
  const parsed = accountInputSchema.safeParse({ ...settings, credential })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new StoreError('invalid-input', `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not an account'}`)
  }
  checkAccount(parsed.data)
  return store.createAccount(parsed.data)
}
