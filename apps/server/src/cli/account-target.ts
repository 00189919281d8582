import type { Account } from '@relay/account-store'
import { createNetworkGuard, createSender } from '@relay/upstreams'
import { startDemoUpstream } from '@relay/upstreams/demo'

import type { DiagnoseRooms } from '../diagnose/stored-target.ts'
import { modelOf } from '../diagnose/stored-target.ts'
import { usageError } from './usage-error.ts'
import type { StoreRooms } from './with-store.ts'

/** An account that is asked from the command line, and what it is asked with. */
export interface AccountTarget {
  readonly rooms: DiagnoseRooms
  readonly account: Account
}

/** Opens a sender for some small requests to an account, and closes it whatever happens. */
export async function withAccountTarget<Result>(
  { config, store }: StoreRooms,
  account: Account,
  work: (target: AccountTarget) => Promise<Result>,
): Promise<Result> {
  const guard = createNetworkGuard({ allow: config.allowPrivate, allowLoopback: !config.isProduction })
  const sender = createSender({ guard })
  // The demo's upstream lives in the server's process; here it needs one of its own.
  const demo = account.isDemo ? await startDemoUpstream({ chunkDelayMs: 0 }) : undefined
  try {
    const reachable = demo === undefined ? account : { ...account, baseUrl: demo.url, formatBaseUrls: {} }
    return await work({ rooms: { store, sender }, account: reachable })
  } finally {
    await sender.close()
    await demo?.close()
  }
}

/** The model that was named, or the account's first. */
export function requireModel(account: Account, named: string | undefined): string {
  const model = named ?? modelOf(account)
  if (model !== undefined) return model
  throw usageError(`the account "${account.name}" names no model; say which one with --model`)
}
