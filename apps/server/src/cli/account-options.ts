import { readFileSync } from 'node:fs'

import type { AccountApiFormat, AccountChange, AccountResponseFormat, DailyQuota } from '@relay/account-store'
import type { ArgsDef } from 'citty'

import { readVariable } from '../config/environment.ts'
import { readCount } from './arguments.ts'
import { endArguments, readEnd } from './end-options.ts'
import { readList, readUsd, readWords } from './key-options.ts'
import { usageError } from './usage-error.ts'

/** Options of an account beside its address, type, models and credential. */
export const accountArguments = {
  'api-format': {
    type: 'enum',
    options: ['claude', 'openai-chat', 'openai-responses', 'auto'],
    description: 'What is sent to the upstream',
  },
  'response-format': { type: 'enum', options: ['auto', 'claude', 'openai'], description: 'How its answers are read' },
  description: { type: 'string', valueHint: 'text', description: 'What it is' },
  tags: {
    type: 'string',
    valueHint: 'list',
    description: 'Words to find it by, comma separated; none takes them away',
  },
  groups: {
    type: 'string',
    valueHint: 'list',
    description: 'Groups that keys may name, comma separated; none takes it out',
  },
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
  currency: {
    type: 'string',
    valueHint: 'code',
    description: 'Currency of the costs that it reports itself; USD unless given',
  },
  'price-multiplier': {
    type: 'string',
    valueHint: 'number',
    description: 'What it costs in relation to the list; 1 unless given',
  },
  ...endArguments,
  priority: { type: 'string', valueHint: 'number', description: 'Lower is preferred; 50 unless given' },
  weight: { type: 'string', valueHint: 'number', description: 'Share among accounts of one priority; 1 unless given' },
  'max-concurrency': { type: 'string', valueHint: 'number', description: 'Requests at once; 0 = no limit' },
  'max-output-tokens': { type: 'string', valueHint: 'number', description: 'Upper bound for output tokens; 0 = none' },
} as const satisfies ArgsDef

/** What was given of an account. */
export type AccountOptions = {
  readonly [Name in Exclude<keyof typeof accountArguments, 'api-format' | 'response-format' | 'sharing'>]?:
    | string
    | undefined
} & {
  readonly 'api-format'?: AccountApiFormat | undefined
  readonly 'response-format'?: AccountResponseFormat | undefined
  readonly sharing?: 'shared' | 'dedicated' | undefined
}

/** What the options of an account say. */
export type GivenAccount = Pick<
  AccountChange,
  | 'apiFormat'
  | 'responseFormat'
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

/**
 * Reads the options as a change; what was not given is `undefined`.
 *
 * @param quota - the one that is there: what is not given of it stays
 */
export function readAccountOptions(options: AccountOptions, quota?: DailyQuota): GivenAccount {
  return {
    apiFormat: options['api-format'],
    responseFormat: options['response-format'],
    description: options.description,
    tags: readWords(options.tags),
    groups: readWords(options.groups),
    isDedicated: options.sharing === undefined ? undefined : options.sharing === 'dedicated',
    allowedModels: options['allowed-models'] === 'all' ? [] : readList(options['allowed-models']),
    proxyUrl: readProxy(options['proxy-env']),
    tlsCa: options['ca-file'] === undefined ? undefined : readText(options['ca-file']),
    dailyQuota: readQuota(options, quota),
    currency: options.currency,
    priceMultiplier: readDecimal('price-multiplier', options['price-multiplier']),
    expiresAt: readEnd(options, 'relay account pause'),
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
  if (url === undefined && process.env[variable] === undefined)
    throw usageError(`the environment variable ${variable} is not set; an empty one takes the proxy away`)
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

function readQuota(options: AccountOptions, before: DailyQuota | undefined): GivenAccount['dailyQuota'] {
  const limitMicroUsd = readUsd('quota-usd-per-day', options['quota-usd-per-day'])
  if (limitMicroUsd === 0) return null
  const given = { limitMicroUsd, resetTime: options['quota-reset'], timeZone: options['quota-time-zone'] }
  const changed = Object.entries(given).filter(([, value]) => value !== undefined)
  if (changed.length === 0) return undefined
  const limit = limitMicroUsd ?? before?.limitMicroUsd
  if (limit === undefined) throw usageError('--quota-reset and --quota-time-zone go with --quota-usd-per-day')
  return { ...before, ...Object.fromEntries(changed), limitMicroUsd: limit }
}

function readDecimal(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,4}(?:\.\d{1,6})?$/.test(text)) return Number(text)
  throw usageError(`--${name} must be a number such as 0.8, not ${JSON.stringify(text.slice(0, 40))}`)
}
