import type { AccountStore } from '@relay/account-store'
import * as z from 'zod'

import type { Log } from '../observe/log.ts'
import { startSweep } from '../observe/start-sweep.ts'

/** The setting that says how long usage is kept, as JSON. */
const RETENTION_SETTING = 'usage-retention'

/** How long usage is kept, in days; sums by day and month are kept for ever. */
const retentionSchema = z.strictObject({
  recordDays: z.number().int().min(1).max(3650).default(90),
  hourDays: z.number().int().min(1).max(3650).default(400),
})

/** See {@link retentionSchema}. */
export type UsageRetentionDays = z.output<typeof retentionSchema>

const DAY_MS = 86_400_000
/** Every hour, but not in the first moments of a start. */
const RHYTHM = { firstMs: 60_000, everyMs: 3_600_000 }

export interface RetentionRooms {
  readonly store: Pick<AccountStore, 'readSetting' | 'removeOldUsage'>
  readonly log: Pick<Log, 'info' | 'warn'>
}

/** What the operator has decided; the defaults where nothing or nothing readable is there. */
export async function readUsageRetention(store: Pick<AccountStore, 'readSetting'>): Promise<UsageRetentionDays> {
  const text = await store.readSetting(RETENTION_SETTING)
  const parsed = retentionSchema.safeParse(text === undefined ? {} : parse(text))
  return parsed.success ? parsed.data : retentionSchema.parse({})
}

/** Decides how long usage is kept, on every node.
 * @throws StoreError */
export async function writeUsageRetention(
  store: Pick<AccountStore, 'writeSetting'>,
  days: UsageRetentionDays,
): Promise<void> {
  await store.writeSetting(RETENTION_SETTING, JSON.stringify(retentionSchema.parse(days)))
}

/** Removes old records now.
 * @returns how many went */
async function sweepUsage(store: RetentionRooms['store'], now: number): Promise<number> {
  const { recordDays, hourDays } = await readUsageRetention(store)
  return store.removeOldUsage({ recordsBefore: now - recordDays * DAY_MS, hoursBefore: now - hourDays * DAY_MS })
}

/** Removes old records from time to time. */
export function startUsageSweep({ store, log }: RetentionRooms): { stop(): void } {
  const work = (): Promise<number> => sweepUsage(store, Date.now())
  return startSweep({ what: 'usage records', rhythm: RHYTHM, work, log })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the schema says no
  }
}
