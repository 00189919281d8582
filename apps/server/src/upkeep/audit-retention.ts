import type { AccountStore } from '@relay/account-store'
import * as z from 'zod'

import type { Log } from '../observe/log.ts'
import { startSweep } from '../observe/start-sweep.ts'

/** The setting that says for how many days the log of actions is kept. */
const AUDIT_SETTING = 'audit-retention'
/** A year and the time to look back on it. */
const DEFAULT_DAYS = 400
const daysSchema = z.coerce.number().int().min(1).max(3650)

const DAY_MS = 86_400_000
/** Every day, but not in the first moments of a start. */
const RHYTHM = { firstMs: 90_000, everyMs: DAY_MS }

export interface AuditSweepRooms {
  readonly store: Pick<AccountStore, 'readSetting' | 'removeOldAudit'>
  readonly log: Pick<Log, 'info' | 'warn'>
}

/** What the operator has decided, in days; the default where nothing or nothing readable is there.
 * @throws StoreError */
export async function readAuditRetention(store: Pick<AccountStore, 'readSetting'>): Promise<number> {
  return daysSchema.safeParse(await store.readSetting(AUDIT_SETTING)).data ?? DEFAULT_DAYS
}

/** Decides for how many days the log of actions is kept.
 * @throws StoreError */
export async function writeAuditRetention(store: Pick<AccountStore, 'writeSetting'>, days: number): Promise<void> {
  await store.writeSetting(AUDIT_SETTING, String(daysSchema.parse(days)))
}

/** Removes old entries now.
 * @returns how many went
 * @throws StoreError */
export async function sweepAudit(store: AuditSweepRooms['store'], now: number): Promise<number> {
  return store.removeOldAudit(now - (await readAuditRetention(store)) * DAY_MS)
}

/** Removes old entries of the log of actions once a day. */
export function startAuditSweep({ store, log }: AuditSweepRooms): { stop(): void } {
  const work = (): Promise<number> => sweepAudit(store, Date.now())
  return startSweep({ what: 'entries of the log of actions', rhythm: RHYTHM, work, log })
}
