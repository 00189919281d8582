import type { KeyChangeBody, KeyInputBody, KeyView, LossPolicyChoice } from '@relay/server/admin-contract'

import { splitList } from '../accounts/form/send-draft.ts'

/** A key as it stands in the form. */
export interface KeyDraft {
  name: string
  owner: string
  team: string
  tags: string
  note: string
  expiresOn: string
  afterDays: string
  models: string
  formats: string[]
  accounts: string[]
  groups: string
  addresses: string
  maxConcurrency: string
  rateLimits: string
  budget: Record<BudgetName, string>
  lossPolicy: LossPolicyChoice
  responseDays: string
}

/** The periods of a budget. */
export const BUDGETS = ['day', 'week', 'month', 'total'] as const
export type BudgetName = (typeof BUDGETS)[number]

const DAY_MS = 86_400_000
const MICROS = 1_000_000
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS }
/** What a line can count, and how many of the server's units one of it is. */
const COUNTED: Readonly<Record<string, { counts: 'requests' | 'tokens' | 'cost'; size: number }>> = {
  requests: { counts: 'requests', size: 1 },
  tokens: { counts: 'tokens', size: 1 },
  usd: { counts: 'cost', size: MICROS },
}
const RATE = /^([\d.]+)\s*(requests|tokens|usd)\s*\/\s*(\d+)\s*([smhd])$/i

/** An empty form. */
export function emptyKeyDraft(owner: string): KeyDraft {
  return {
    name: '',
    owner,
    team: '',
    tags: '',
    note: '',
    expiresOn: '',
    afterDays: '',
    models: '',
    formats: [],
    accounts: [],
    groups: '',
    addresses: '',
    maxConcurrency: '0',
    rateLimits: '',
    budget: { day: '', week: '', month: '', total: '' },
    lossPolicy: 'warn',
    responseDays: '0',
  }
}

/** A key as it is saved, in the form. */
export function keyDraftOf(key: KeyView): KeyDraft {
  const { permissions, budget } = key
  return {
    ...key,
    team: key.team ?? '',
    tags: key.tags.join(', '),
    expiresOn: key.expiresAt === undefined ? '' : toDay(key.expiresAt),
    afterDays: key.expiresAfterFirstUseMs === undefined ? '' : String(key.expiresAfterFirstUseMs / DAY_MS),
    models: (permissions.models ?? []).join(', '),
    formats: [...(permissions.formats ?? [])],
    accounts: [...(permissions.accounts ?? [])],
    groups: (permissions.groups ?? []).join(', '),
    addresses: (permissions.addresses ?? []).join(', '),
    maxConcurrency: String(key.maxConcurrency),
    rateLimits: key.rateLimits.map(writeRate).join('\n'),
    budget: {
      day: toDollars(budget.dayMicroUsd),
      week: toDollars(budget.weekMicroUsd),
      month: toDollars(budget.monthMicroUsd),
      total: toDollars(budget.totalMicroUsd),
    },
    responseDays: String(key.responseTtlMs / DAY_MS),
  }
}

/** Whether every line of the limits per time can be read. */
export function areRatesReadable({ rateLimits }: KeyDraft): boolean {
  return linesOf(rateLimits).every((line) => RATE.test(line))
}

/** What is sent for a new key. */
export function toKeyInput(draft: KeyDraft): KeyInputBody {
  const { team, expiresAt, expiresAfterFirstUseMs } = clearables(draft)
  return { ...commonFields(draft), team, expiresAt, expiresAfterFirstUseMs }
}

/** What is sent for a key that is there. */
export function toKeyChange(draft: KeyDraft): KeyChangeBody {
  const { team, expiresAt, expiresAfterFirstUseMs } = clearables(draft)
  return {
    ...commonFields(draft),
    team: team ?? null,
    expiresAt: expiresAt ?? null,
    expiresAfterFirstUseMs: expiresAfterFirstUseMs ?? null,
  }
}

function commonFields(draft: KeyDraft) {
  const { budget } = draft
  return {
    name: draft.name.trim(),
    owner: draft.owner.trim(),
    tags: splitList(draft.tags),
    note: draft.note,
    permissions: {
      models: listOrAll(splitList(draft.models)),
      formats: listOrAll(draft.formats as NonNullable<KeyView['permissions']['formats']>), // chosen from that list
      accounts: listOrAll(draft.accounts),
      groups: listOrAll(splitList(draft.groups)),
      addresses: listOrAll(splitList(draft.addresses)),
    },
    maxConcurrency: Number(draft.maxConcurrency),
    rateLimits: linesOf(draft.rateLimits).flatMap(readRate),
    budget: {
      dayMicroUsd: toMicros(budget.day),
      weekMicroUsd: toMicros(budget.week),
      monthMicroUsd: toMicros(budget.month),
      totalMicroUsd: toMicros(budget.total),
    },
    lossPolicy: draft.lossPolicy,
    responseTtlMs: Math.round(Number(draft.responseDays) * DAY_MS),
  }
}

function clearables({ team, expiresOn, afterDays }: KeyDraft) {
  return {
    team: team.trim() || undefined,
    expiresAt: expiresOn === '' ? undefined : new Date(`${expiresOn}T00:00`).getTime(),
    expiresAfterFirstUseMs: afterDays.trim() === '' ? undefined : Math.round(Number(afterDays) * DAY_MS),
  }
}

/** An empty list means "all", which is said by no list. */
function listOrAll<Entry>(list: Entry[]): Entry[] | undefined {
  return list.length === 0 ? undefined : list
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

function toDay(at: number): string {
  const date = new Date(at)
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-')
}
