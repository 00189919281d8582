import { LOSS_POLICIES } from '@relay/account-store'
import type { CostBudget, LossPolicy, RateCount, RateLimit, RelayKeyChange } from '@relay/account-store'
import type { ArgsDef } from 'citty'

import { readCount } from './arguments.ts'
import { endArguments, readEnd } from './end-options.ts'
import { FORMATS } from './format-names.ts'
import { usageError } from './usage-error.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const RATE = /^(\d{1,15}(?:\.\d{1,6})?)\s*(requests|tokens|usd)\/(\d{1,7})([smhd])$/i
const QUEUE = /^(\d{1,6})\/(\d{1,6})(ms|s|m)$/i
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: HOUR_MS, d: DAY_MS }

/** Options that say how much may be used, of a key as of an owner or a team. */
export const limitArguments = {
  'max-concurrency': { type: 'string', valueHint: 'number', description: 'Requests at once; 0 = no limit' },
  rates: {
    type: 'string',
    valueHint: 'list',
    description: 'Windows, comma separated, e.g. 100requests/60s,200000tokens/1h,5usd/1d; none takes them away',
  },
  'usd-per-day': { type: 'string', valueHint: 'amount', description: 'Budget of a day; 0 = no limit' },
  'usd-per-week': { type: 'string', valueHint: 'amount', description: 'Budget of a week; 0 = no limit' },
  'usd-per-month': { type: 'string', valueHint: 'amount', description: 'Budget of a month; 0 = no limit' },
  'usd-in-total': { type: 'string', valueHint: 'amount', description: 'Budget for ever; 0 = no limit' },
  'time-zone': {
    type: 'string',
    valueHint: 'name',
    description: 'Where days begin, e.g. Europe/Berlin; UTC unless given',
  },
} as const satisfies ArgsDef

/** Options of a key that can be entered and edited. */
export const keyArguments = {
  owner: { type: 'string', valueHint: 'name', description: 'Who answers for it; admin unless given' },
  team: { type: 'string', valueHint: 'name', description: 'Their team; none for no team' },
  models: {
    type: 'string',
    valueHint: 'list',
    description: 'Models it may ask for, comma separated, * is a wildcard; all for every one',
  },
  accounts: {
    type: 'string',
    valueHint: 'list',
    description: 'Accounts that may serve it, by name or id, comma separated; all for every one',
  },
  groups: { type: 'string', valueHint: 'list', description: 'Groups of accounts that may serve it; all for every one' },
  addresses: {
    type: 'string',
    valueHint: 'list',
    description: 'Addresses and networks it may be used from; all for everywhere',
  },
  formats: {
    type: 'string',
    valueHint: 'list',
    description: `Formats it may speak: ${FORMATS.join(', ')}; all for every one`,
  },
  'loss-policy': {
    type: 'enum',
    options: [...LOSS_POLICIES],
    description: 'What becomes of a request that would lose meaning',
  },
  queue: {
    type: 'string',
    valueHint: 'requests/time',
    description: 'How many may wait for a place of --max-concurrency and how long, e.g. 10/30s; none waits for nothing',
  },
  tags: {
    type: 'string',
    valueHint: 'list',
    description: 'Words to find it by, comma separated; none takes them away',
  },
  note: { type: 'string', valueHint: 'text', description: 'A note' },
  ...limitArguments,
  'keep-responses-hours': {
    type: 'string',
    valueHint: 'number',
    description: 'Keep its Responses answers with their prompts, sealed, for previous_response_id; 0 keeps none',
  },
  ...endArguments,
  'expires-days-after-first-use': {
    type: 'string',
    valueHint: 'number',
    description: 'How long it works from its first use; never takes that away',
  },
} as const satisfies ArgsDef

type Options<Definitions> = { readonly [Name in keyof Definitions]?: string | undefined }

/** What was given of limits. */
export type LimitOptions = Options<typeof limitArguments>

/** What was given of a key. */
export type KeyOptions = Options<Omit<typeof keyArguments, 'loss-policy'>> & {
  readonly 'loss-policy'?: LossPolicy | undefined
}

interface GivenLimits {
  readonly maxConcurrency?: number | undefined
  readonly rateLimits?: readonly RateLimit[] | undefined
  readonly budget?: Partial<CostBudget> | undefined
}

/** Reads limits; what was not given is not there. */
export function readLimits(options: LimitOptions): GivenLimits {
  const budget = {
    timeZone: options['time-zone'],
    dayMicroUsd: readUsd('usd-per-day', options['usd-per-day']),
    weekMicroUsd: readUsd('usd-per-week', options['usd-per-week']),
    monthMicroUsd: readUsd('usd-per-month', options['usd-per-month']),
    totalMicroUsd: readUsd('usd-in-total', options['usd-in-total']),
  }
  const given = Object.entries(budget).filter(([, value]) => value !== undefined)
  return {
    maxConcurrency: readCount('max-concurrency', options['max-concurrency']),
    rateLimits: options.rates === undefined ? undefined : readRates(options.rates),
    budget: given.length === 0 ? undefined : Object.fromEntries(given),
  }
}

/** Reads a key's options as a change; what was not given is not there. */
export function readKeyChange(options: KeyOptions, permissions: RelayKeyChange['permissions'] = {}): RelayKeyChange {
  const hours = readCount('keep-responses-hours', options['keep-responses-hours'])
  return {
    ...(options.owner === undefined ? {} : { owner: options.owner }),
    team: options.team === 'none' ? null : options.team,
    tags: readWords(options.tags),
    note: options.note,
    permissions: readPermissions(options, permissions),
    ...readLimits(options),
    concurrencyQueue: readQueue(options.queue),
    responseTtlMs: hours === undefined ? undefined : hours * HOUR_MS,
    ...(options['loss-policy'] === undefined ? {} : { lossPolicy: options['loss-policy'] }),
    expiresAt: readEnd(options, 'relay key disable'),
    expiresAfterFirstUseMs: readLife(options['expires-days-after-first-use']),
  }
}

function readLife(text: string | undefined): number | null | undefined {
  if (text === 'never') return null
  const days = readCount('expires-days-after-first-use', text)
  if (days === 0) throw usageError('--expires-days-after-first-use is 0, and it would end at once; never takes it away')
  return days === undefined ? undefined : days * DAY_MS
}

function readQueue(text: string | undefined): RelayKeyChange['concurrencyQueue'] {
  if (text === undefined) return undefined
  if (text === 'none') return null
  const [, maxWaiting, length, unit = ''] = QUEUE.exec(text) ?? []
  if (length === undefined) throw usageError('--queue must be of the form 10/30s, how many and how long, or none')
  return { maxWaiting: Number(maxWaiting), maxWaitMs: Number(length) * (UNIT_MS[unit.toLowerCase()] ?? 1) }
}

function readFormats(text: string | undefined): string | undefined {
  const wrong = text === 'all' ? undefined : readList(text)?.find((word) => !FORMATS.some((format) => format === word))
  if (wrong === undefined) return text
  throw usageError(`--formats must be all, or of ${FORMATS.join(', ')}, not ${JSON.stringify(wrong.slice(0, 40))}`)
}

function readPermissions(options: KeyOptions, before: RelayKeyChange['permissions']): RelayKeyChange['permissions'] {
  const lists = {
    models: options.models,
    accounts: options.accounts,
    groups: options.groups,
    addresses: options.addresses,
    formats: readFormats(options.formats),
  }
  const given = Object.entries(lists).filter(([, text]) => text !== undefined)
  if (given.length === 0) return undefined
  const read: Readonly<Record<string, readonly string[] | undefined>> = Object.fromEntries(
    given.map(([name, text]) => [name, text === 'all' ? undefined : readList(text)]),
  )
  return { ...before, ...read }
}

/** Words with commas between them. */
export function readList(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

/** The same, where none at all has a word. */
export function readWords(text: string | undefined): readonly string[] | undefined {
  return text === 'none' ? [] : readList(text)
}

/** An amount in US dollars, in millionths of it. */
export function readUsd(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,9}(?:\.\d{1,6})?$/.test(text)) return Math.round(Number(text) * 1_000_000)
  throw usageError(`--${name} must be an amount in US dollars such as 12.50, not ${JSON.stringify(text.slice(0, 40))}`)
}

function readRates(text: string): readonly RateLimit[] {
  if (text === 'none') return []
  return (readList(text) ?? []).map((rate) => {
    const [, amount = '', counted = '', length = '', unit = ''] = RATE.exec(rate) ?? []
    const unitMs = UNIT_MS[unit.toLowerCase()]
    if (unitMs === undefined) {
      throw usageError(
        `--rates: ${JSON.stringify(rate.slice(0, 40))} is not of the form 100requests/60s, 5000tokens/1h or 2.5usd/1d`,
      )
    }
    const isCost = counted.toLowerCase() === 'usd'
    const counts: RateCount = isCost ? 'cost' : (counted.toLowerCase() as RateCount) // the pattern knows the three
    return {
      counts,
      windowMs: Number(length) * unitMs,
      max: isCost ? Math.round(Number(amount) * 1_000_000) : Number(amount),
    }
  })
}
