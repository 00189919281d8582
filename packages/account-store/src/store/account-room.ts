import type { Account, AccountChange, AccountInput } from '../account.ts'

/** Accounts. Reading one never returns its credential. */
export interface AccountRoom {
  /** @throws StoreError `invalid-input`, `name-taken` */
  createAccount(input: AccountInput): Promise<Account>
  /** Changes the fields that are there. An edit also clears `attention`, cooldowns and the last error.
   * @throws StoreError `not-found`, `invalid-input`, `name-taken`, `credential-required`, `managed-by-config` */
  updateAccount(id: string, change: AccountChange): Promise<Account>
  /** `undefined` when there is none. */
  getAccount(id: string): Promise<Account | undefined>
  /** All accounts by age, disabled ones too. Answered from memory: cheap enough for every request. The array is shared: do not change it. */
  listAccounts(): Promise<readonly Account[]>
  /** Removes the account, its credential and its cooldowns; usage records stay. One from the configuration file can go once it is disabled.
   * @throws StoreError `not-found`, `managed-by-config` */
  removeAccount(id: string): Promise<void>
  /** Opens the sealed credential. One that cannot be opened marks the account with `attention` and returns nothing.
   * @throws StoreError `not-found` */
  openCredential(id: string): Promise<OpenedCredential>
  /** The proxy URL with its password; where that cannot be opened, as with a credential.
   * @throws StoreError `not-found` */
  openProxyUrl(id: string): Promise<OpenedProxyUrl>
}

/** What is behind the seal. */
export type OpenedProxyUrl =
  | { readonly type: 'opened'; readonly proxyUrl: string }
  | { readonly type: 'none' }
  | { readonly type: 'unreadable' }

/** What is behind the seal. */
export type OpenedCredential =
  | { readonly type: 'opened'; readonly credential: string }
  | { readonly type: 'none' }
  | { readonly type: 'unreadable' }
