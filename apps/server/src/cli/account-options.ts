import { readFileSync } from 'node:fs'

import type { AccountChange } from '@relay/account-store'
import type { ArgsDef } from 'citty'

import { readVariable } from '../config/environment.ts'
import { readCount } from './arguments.ts'
import { readList, readUsd } from './key-options.ts'
import { usageError } from './usage-error.ts'

const DAY_MS = 86_400_000

/** Options of an account beside its address, type and credential. */
export const accountArguments = {
  description: { type: 'string', valueHint: 'text', description: 'What it is' },
  tags: { type: 'string', valueHint: 'list', description: 'Words to find it by, comma separated' },
  groups: { type: 'string', valueHint: 'list', description: 'Groups that keys may name, comma separated' },
  sharing: {
    type: 'enum',
    options: ['shared', 'dedicated'],
    description: 'dedicated serves only keys that name it or its group',
  },
  'allowed-models': {
    type: 'string',
    valueHint: 'list',
    description: 'Models clients may ask of it, comma separated; all for every one',
  },
  'proxy-env': {
    type: 'string',
    valueHint: 'name',
    description: 'Read the URL of a proxy (http, https, socks5) from this variable; empty takes it away',
  },
  'ca-file': { type: 'string', valueHint: 'file', description: 'PEM file with certificates to trust' },
  'quota-usd-per-day': { type: 'string', valueHint: 'amount', description: 'What it may cost a day; 0 = no quota' },
  'quota-reset': { type: 'string', valueHint: 'HH:MM', description: 'When its day begins; 00:00 unless given' },
  'quota-time-zone': { type: 'string', valueHint: 'name', description: 'Time zone of its day; UTC unless given' },
  currency: { type: 'string', valueHint: 'code', description: 'What its prices are in, e.g. USD' },
  'price-multiplier': {
    type: 'string',
    valueHint: 'number',
    description: 'What it costs in relation to the list; 1 unless given',
  },
  'expires-in-days': {
    type: 'string',
    valueHint: 'number',
    description: 'When it takes no more requests; never unless given',
  },
  priority: { type: 'string', valueHint: 'number', description: 'Lower is preferred; 50 unless given' },
  weight: { type: 'string', valueHint: 'number', description: 'Share among accounts of one priority; 1 unless given' },
  'max-concurrency': { type: 'string', valueHint: 'number', description: 'Requests at once; 0 = no limit' },
  'max-output-tokens': { type: 'string', valueHint: 'number', description: 'Upper bound for output tokens; 0 = none' },
} as const satisfies ArgsDef

/** What was given of an account. */
export type AccountOptions = {
  readonly [Name in Exclude<keyof typeof accountArguments, 'sharing'>]?: string | undefined
} & {
  readonly sharing?: 'shared' | 'dedicated' | undefined
}

/** What the options of an account say. */
export type GivenAccount = Pick<
  AccountChange,
  | 'description'
  | 'tags'
  | 'groups'
  | 'isDedicated'
  | 'allowedModels'
  | 'proxyUrl'
  | 'tlsCa'
  | 'dailyQuota'
  | 'currency'
  | 'priceMultiplier'
  | 'expiresAt'
  | 'priority'
  | 'weight'
  | 'maxConcurrency'
  | 'maxOutputTokens'
>

/** Reads the options as a change; what was not given is `undefined`. */
export function readAccountOptions(options: AccountOptions): GivenAccount {
  const days = readCount('expires-in-days', options['expires-in-days'])
  return {
    description: options.description,
    tags: readList(options.tags),
    groups: readList(options.groups),
    isDedicated: options.sharing === undefined ? undefined : options.sharing === 'dedicated',
    allowedModels: options['allowed-models'] === 'all' ? [] : readList(options['allowed-models']),
    proxyUrl: readProxy(options['proxy-env']),
    tlsCa: options['ca-file'] === undefined ? undefined : readText(options['ca-file']),
    dailyQuota: readQuota(options),
    currency: options.currency,
    priceMultiplier: readDecimal('price-multiplier', options['price-multiplier']),
    expiresAt: days === undefined ? undefined : Date.now() + days * DAY_MS,
    priority: readCount('priority', options.priority),
    weight: readCount('weight', options.weight),
    maxConcurrency: readCount('max-concurrency', options['max-concurrency']),
    maxOutputTokens: readCount('max-output-tokens', options['max-output-tokens']),
  }
}

/** The same for an account that is not there yet: nothing to clear. */
export function withoutClearing(given: GivenAccount): {
  [Name in keyof GivenAccount]: Exclude<GivenAccount[Name], null>
} {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined && value !== null)
  // What was `null` is not there.
  return Object.fromEntries(entries) as { [Name in keyof GivenAccount]: Exclude<GivenAccount[Name], null> }
}

/** It may hold a password, which others would see in an argument. */
function readProxy(variable: string | undefined): string | null | undefined {
  if (variable === undefined) return undefined
  const url = readVariable(process.env, variable)
  return url === undefined || url === '' ? null : url
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw usageError(`--ca-file: the file cannot be read (${code})`)
  }
}

function readQuota(options: AccountOptions): GivenAccount['dailyQuota'] {
  const limitMicroUsd = readUsd('quota-usd-per-day', options['quota-usd-per-day'])
  if (limitMicroUsd === 0) return null
  if (limitMicroUsd === undefined) {
    if (options['quota-reset'] === undefined && options['quota-time-zone'] === undefined) return undefined
    throw usageError('--quota-reset and --quota-time-zone go with --quota-usd-per-day')
  }
  const when = { resetTime: options['quota-reset'], timeZone: options['quota-time-zone'] }
  return { limitMicroUsd, ...Object.fromEntries(Object.entries(when).filter(([, value]) => value !== undefined)) }
}

function readDecimal(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,4}(?:\.\d{1,6})?$/.test(text)) return Number(text)
  throw usageError(`--${name} must be a number such as 0.8, not ${JSON.stringify(text.slice(0, 40))}`)
}
