import type { Account } from '@relay/account-store'

import { usageError } from './usage-error.ts'
import { requireAccount } from './views.ts'
import type { StoreRooms } from './with-store.ts'

/** Whose rules a command is about. */
export const placeArguments = {
  account: { type: 'string', valueHint: 'name', description: 'Rules of this account' },
  global: {
    type: 'boolean',
    default: false,
    description: 'Rules of all accounts; they run before those of an account',
  },
} as const

interface PlaceArguments {
  readonly account?: string | undefined
  readonly global: boolean
}

/** The account that was named; `undefined` for the rules of all accounts. */
export async function findPlace(args: PlaceArguments, { store }: StoreRooms): Promise<Account | undefined> {
  if (args.global === (args.account !== undefined)) throw usageError('say either --account NAME or --global')
  return args.account === undefined ? undefined : requireAccount(store, args.account)
}

/** Whose rules these are, in words. */
export function nameOfPlace(account: Account | undefined): string {
  return account === undefined ? 'all accounts' : `the account "${account.name}"`
}
