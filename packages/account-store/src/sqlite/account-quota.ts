import type { DailyQuota, QuotaState } from '../account.ts'
import { calendarPeriod } from '../limits/calendar.ts'
import { accountSubject, QUOTA_BOUND } from '../limits/subjects.ts'
import { readNumber } from '../rows/row.ts'
import type { Parameters } from './connection.ts'
import type { StoreContext } from './context.ts'

/** What was spent of the daily quotas. */
export interface AccountQuota {
  read(accountId: string, quota: DailyQuota): QuotaState
  /** Counts a cost, inside a transaction of the caller. */
  add(accountId: string, quota: DailyQuota, costMicroUsd: number): void
}

export function createAccountQuota({ fast, now }: StoreContext): AccountQuota {
  const find = fast.prepare(
    'SELECT used FROM limit_counters WHERE subject = :subject AND bound = :bound AND period = :period',
  )
  const add = fast.prepare(`
    INSERT INTO limit_counters (subject, bound, period, started_at, used)
    VALUES (:subject, :bound, :period, :startsAt, :cost)
    ON CONFLICT DO UPDATE SET used = used + :cost`)

  return {
    read: (accountId, quota) => {
      const { label: period, endsAt } = calendarPeriod({ period: 'day', ...quota, at: now() })
      const counter = find.get({ ...placeOf(accountId), period })
      return { usedMicroUsd: counter === undefined ? 0 : readNumber(counter, 'used'), resetsAt: endsAt ?? Infinity }
    },
    add: (accountId, quota, cost) => {
      const { label: period, startsAt } = calendarPeriod({ period: 'day', ...quota, at: now() })
      add.run({ ...placeOf(accountId), period, startsAt, cost })
    },
  }
}

function placeOf(accountId: string): Parameters {
  return { subject: accountSubject(accountId), bound: QUOTA_BOUND }
}
