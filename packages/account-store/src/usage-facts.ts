import type { UsageLoss, UsageRecord } from './usage-record.ts'

/** Whether meaning was lost that nobody had accepted. */
export function hasOpenLosses(losses: readonly UsageLoss[]): boolean {
  return losses.some(({ level, isAccepted }) => (level === 'degraded' || level === 'lossy') && isAccepted !== true)
}

/** What a request is recorded as when its process has died. */
export function asInterrupted(record: UsageRecord): UsageRecord {
  return {
    ...record,
    reason: 'shutdown',
    errorMessage: 'interrupted: the process that served this request died',
  }
}
