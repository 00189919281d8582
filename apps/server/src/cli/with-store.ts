import type { AccountStore } from '@relay/account-store'

import type { Config } from '../config/config.ts'
import { mayHoldData, readConfig } from '../config/config.ts'
import { openStore } from '../open-store.ts'
import type { CommonArguments } from './arguments.ts'
import { environmentOf } from './arguments.ts'
import type { NoteDeed } from './audited-store.ts'
import { auditedStore, createDeedNotes } from './audited-store.ts'
import { note } from './report.ts'

/** What a command on the store gets. */
export interface StoreRooms {
  readonly config: Config
  /** What is changed through it is in the log of actions. */
  readonly store: AccountStore
  /** Writes down what the store itself cannot know. */
  readonly noteDeed: NoteDeed
}

/** Opens the store of the command line, does the work, and closes it again whatever happens. */
export async function withStore<Result>(
  args: CommonArguments,
  work: (rooms: StoreRooms) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(environmentOf(args))
  const isNew = !mayHoldData(config)
  const store = await openStore(config, { onDelay: (message) => note(args, message) })
  // A folder that was misspelt looks like one in which everything is gone.
  if (isNew) note(args, `A new data set was made in ${config.dataDir}: there was none.`)
  try {
    const noteDeed = createDeedNotes(store, (message) => note(args, message))
    return await work({ config, store: auditedStore(store, noteDeed), noteDeed })
  } finally {
    await store.close()
  }
}
