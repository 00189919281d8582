import type { HolderInputBody, KeyView } from '@relay/server/admin-contract'

/** Limits of a key, an owner or a team as they stand in a form. */
export interface LimitDraft {
  maxConcurrency: string
  /** One in a line, such as `60 requests / 1m`. */
  rateLimits: string
  /** In US dollars; empty: no limit. */
  budget: Record<BudgetName, string>
  /** IANA name of the zone that days begin in. */
  timeZone: string
}

/** The periods of a budget. */
export const BUDGETS = ['day', 'week', 'month', 'total'] as const
export type BudgetName = (typeof BUDGETS)[number]

/** Limits as they are saved. */
type SavedLimits = Pick<KeyView, 'maxConcurrency' | 'rateLimits' | 'budget'>

/** What a browser takes for an amount: a number, or nothing. */
export const AMOUNT_PATTERN = '[0-9]*([.][0-9]+)?'

const MICROS = 1_000_000
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** What a line can count, and how many of the server's units one of it is. */
const COUNTED: Readonly<Record<string, { counts: 'requests' | 'tokens' | 'cost'; size: number }>> = {
  requests: { counts: 'requests', size: 1 },
  tokens: { counts: 'tokens', size: 1 },
  usd: { counts: 'cost', size: MICROS },
}
const RATE = /^([\d.]+)\s*(requests|tokens|usd)\s*\/\s*(\d+)\s*([smhd])$/i

/** No limits; days begin where the reader is. */
export function emptyLimitDraft(): LimitDraft {
  return {
    maxConcurrency: '0',
    rateLimits: '',
    budget: { day: '', week: '', month: '', total: '' },
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
}

/** Limits as they are saved, in the form. */
export function limitDraftOf({ maxConcurrency, rateLimits, budget }: SavedLimits): LimitDraft {
  return {
    maxConcurrency: String(maxConcurrency),
    rateLimits: rateLimits.map(writeRate).join('\n'),
    budget: {
      day: toDollars(budget.dayMicroUsd),
      week: toDollars(budget.weekMicroUsd),
      month: toDollars(budget.monthMicroUsd),
      total: toDollars(budget.totalMicroUsd),
    },
    timeZone: budget.timeZone,
  }
}

/** Whether every line of the limits per time can be read. */
export function areRatesReadable({ rateLimits }: Pick<LimitDraft, 'rateLimits'>): boolean {
  return linesOf(rateLimits).every((line) => RATE.test(line))
}

/** What is sent of the limits. */
export function toLimits({
  maxConcurrency,
  rateLimits,
  budget,
  timeZone,
}: LimitDraft): Pick<HolderInputBody, 'maxConcurrency' | 'rateLimits' | 'budget'> {
  return {
    maxConcurrency: Number(maxConcurrency),
    rateLimits: linesOf(rateLimits).flatMap(readRate),
    budget: {
      timeZone: timeZone.trim() === '' ? undefined : timeZone.trim(),
      dayMicroUsd: toMicros(budget.day),
      weekMicroUsd: toMicros(budget.week),
      monthMicroUsd: toMicros(budget.month),
      totalMicroUsd: toMicros(budget.total),
    },
  }
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function readRate(line: string): KeyView['rateLimits'] {
  const match = RATE.exec(line.toLowerCase())
  if (match === null) return []
  const [, amount = '', what = '', count = '', unit = ''] = match
  const { counts, size } = COUNTED[what] ?? { counts: 'requests', size: 1 }
  return [{ counts, windowMs: Number(count) * (UNITS[unit] ?? 0), max: Math.round(Number(amount) * size) }]
}

function writeRate({ counts, windowMs, max }: KeyView['rateLimits'][number]): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, ms]) => windowMs % ms === 0) ?? ['s', 1000]
  const amount = counts === 'cost' ? max / MICROS : max
  return `${amount} ${counts === 'cost' ? 'usd' : counts} / ${windowMs / size}${unit}`
}

function toMicros(dollars: string): number {
  return dollars.trim() === '' ? 0 : Math.round(Number(dollars) * MICROS)
}

function toDollars(micros: number): string {
  return micros === 0 ? '' : String(micros / MICROS)
}
