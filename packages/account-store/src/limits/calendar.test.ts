import { expect, test } from 'vitest'

import { calendarPeriod } from './calendar.ts'
import type { BudgetPeriod } from './limits.ts'

interface Sample {
  readonly period: BudgetPeriod
  readonly timeZone: string
  readonly resetTime?: string
  readonly at: string
  readonly label: string
  readonly startsAt: string
  readonly endsAt: string
}

const samples: readonly Sample[] = [
  {
    period: 'day',
    timeZone: 'Europe/Berlin',
    resetTime: '02:30',
    at: '2026-10-25T01:10Z', // 02:10 for the second time: 02:30 was there already
    label: '2026-10-25',
    startsAt: '2026-10-25T00:30Z',
    endsAt: '2026-10-26T01:30Z',
  },
  {
    period: 'day',
    timeZone: 'UTC',
    at: '2026-11-28T23:59:59.999Z',
    label: '2026-11-28',
    startsAt: '2026-11-28T00:00Z',
    endsAt: '2026-11-29T00:00Z',
  },
  {
    period: 'day',
    timeZone: 'Asia/Shanghai',
    at: '2026-11-28T16:00Z',
    label: '2026-11-29',
    startsAt: '2026-11-28T16:00Z',
    endsAt: '2026-11-29T16:00Z',
  },
  {
    period: 'day',
    timeZone: 'Asia/Shanghai',
    at: '2026-11-28T15:59Z',
    label: '2026-11-28',
    startsAt: '2026-11-27T16:00Z',
    endsAt: '2026-11-28T16:00Z',
  },
  // A day of 23 hours, one of 25, and one that begins at 1 because the clocks jump at midnight.
  {
    period: 'day',
    timeZone: 'Europe/Berlin',
    at: '2026-03-29T12:00Z',
    label: '2026-03-29',
    startsAt: '2026-03-28T23:00Z',
    endsAt: '2026-03-29T22:00Z',
  },
  {
    period: 'day',
    timeZone: 'Europe/Berlin',
    at: '2026-10-25T12:00Z',
    label: '2026-10-25',
    startsAt: '2026-10-24T22:00Z',
    endsAt: '2026-10-25T23:00Z',
  },
  {
    period: 'day',
    timeZone: 'America/Santiago',
    at: '2024-09-08T12:00Z',
    label: '2024-09-08',
    startsAt: '2024-09-08T04:00Z',
    endsAt: '2024-09-09T03:00Z',
  },
  {
    period: 'week',
    timeZone: 'UTC',
    at: '2026-11-29T10:00Z',
    label: '2026-11-23',
    startsAt: '2026-11-23T00:00Z',
    endsAt: '2026-11-30T00:00Z',
  },
  {
    period: 'week',
    timeZone: 'UTC',
    at: '2026-11-30T00:00Z',
    label: '2026-11-30',
    startsAt: '2026-11-30T00:00Z',
    endsAt: '2026-12-07T00:00Z',
  },
  {
    period: 'month',
    timeZone: 'America/New_York',
    at: '2026-12-01T04:59Z',
    label: '2026-11',
    startsAt: '2026-11-01T04:00Z',
    endsAt: '2026-12-01T05:00Z',
  },
  {
    period: 'month',
    timeZone: 'UTC',
    at: '2026-12-31T23:00Z',
    label: '2026-12',
    startsAt: '2026-12-01T00:00Z',
    endsAt: '2027-01-01T00:00Z',
  },
  {
    period: 'day',
    timeZone: 'UTC',
    at: '2026-11-28T07:59Z',
    label: '2026-11-27',
    startsAt: '2026-11-27T08:00Z',
    endsAt: '2026-11-28T08:00Z',
    resetTime: '08:00',
  },
]

test.for(samples)('the $period in $timeZone at $at is $label', ({ at, label, startsAt, endsAt, ...request }) => {
  expect(calendarPeriod({ ...request, at: Date.parse(at) })).toEqual({
    label,
    startsAt: Date.parse(startsAt),
    endsAt: Date.parse(endsAt),
  })
})

test('the total never ends', () => {
  expect(calendarPeriod({ period: 'total', timeZone: 'UTC', at: Date.now() }).endsAt).toBeUndefined()
})

test('a moment at the edge of a remembered day falls into the next', () => {
  const day = calendarPeriod({ period: 'day', timeZone: 'UTC', at: Date.parse('2026-11-28T12:00Z') })
  const next = calendarPeriod({ period: 'day', timeZone: 'UTC', at: day.endsAt ?? 0 })
  expect(next.label).toBe('2026-11-29')
  expect(calendarPeriod({ period: 'day', timeZone: 'UTC', at: day.startsAt }).label).toBe('2026-11-28')
})
