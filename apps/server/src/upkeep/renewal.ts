import { rm } from 'node:fs/promises'

import type { AccountStore, AuditInput } from '@relay/account-store'
import { restoreSqliteStore, StoreError } from '@relay/account-store'

import type { Config } from '../config/config.ts'
import type { Log } from '../observe/log.ts'

/** A data set that is to take the place of the one in use. */
export interface Replacement {
  /** A backup, or a data set that was made for this. */
  readonly from: string
  /** What is removed when it is over. */
  readonly leftovers: readonly string[]
  /** Who asked for what; it is written into the log of actions of the new data set. */
  readonly audit: AuditInput
}

/** How the last replacement went; kept for as long as the process runs. */
export interface ReplacementOutcome {
  readonly at: number
  /** What went wrong; then nothing has changed. */
  readonly problem?: string | undefined
}

/** Why a running Relay cannot change its data set for another one. */
export type RenewalObstacle =
  /** Other nodes hold the same data set. */
  | 'shared-store'
  /** Other processes of this Relay do. */
  | 'workers'
  /** Nobody is there who would start it again. */
  | 'embedded-server'
  /** The encryption key is another one now than the one it was started with. */
  | 'key-changed'

/** Puts another data set in the place of the one in use: the server ends as on a signal, and starts again at once. */
export interface Renewal {
  readonly obstacle: RenewalObstacle | undefined
  readonly last: ReplacementOutcome | undefined
  /** Begins; requests that run have their time to finish. Without effect where there is an obstacle. */
  ask(replacement: Replacement): void
  /** From now on it cannot be done. */
  block(obstacle: RenewalObstacle): void
}

/** The same, for the process that does it. */
export interface RenewalWatch extends Renewal {
  /** Settles when somebody has asked. */
  asked(): Promise<Replacement>
  /** Does it, while nobody has the data set open; never rejects. */
  replace(replacement: Replacement, rooms: { readonly config: Config; readonly log: Log }): Promise<void>
  /** Writes down what was done, once the data set is open again. */
  noteDone(store: Pick<AccountStore, 'recordAudit'>): Promise<void>
}

/** For a server that is not run by the command. */
export const NO_RENEWAL: Renewal = {
  obstacle: 'embedded-server',
  last: undefined,
  ask: () => undefined,
  block: () => undefined,
}

export function createRenewal(from: RenewalObstacle | undefined): RenewalWatch {
  let obstacle = from
  let asking = Promise.withResolvers<Replacement>()
  let last: ReplacementOutcome | undefined
  let done: AuditInput | undefined

  return {
    get obstacle() {
      return obstacle
    },
    block: (next) => void (obstacle ??= next),
    get last() {
      return last
    },
    ask: (replacement) => void (obstacle === undefined && asking.resolve(replacement)),
    asked: () => asking.promise,
    async replace({ from, leftovers, audit }, { config, log }) {
      asking = Promise.withResolvers<Replacement>()
      try {
        const outcome = restoreSqliteStore({ from, path: config.storeFile, encryptionKey: config.encryptionKey })
        log.info({ ...outcome, action: audit.action }, 'another data set is in the place of the one before')
        last = { at: Date.now() }
        done = { ...audit, after: { ...audit.after, ...outcome } }
      } catch (error) {
        log.error({ error, action: audit.action }, 'the data set could not be replaced; it stays as it was')
        last = { at: Date.now(), problem: StoreError.is(error) ? error.message : 'the log says why' }
      }
      for (const path of leftovers) await rm(path, { force: true, recursive: true })
    },
    async noteDone(store) {
      const audit = done
      done = undefined
      if (audit !== undefined) await store.recordAudit(audit)
    },
  }
}
