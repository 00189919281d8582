import { type AccountInput, toAccountSettings } from '@relay/account-store'
import * as z from 'zod'

import type { FateBook, FateTable } from './field-fates.ts'
import type { OriginData, OriginHash } from './origin-data.ts'
import { hashesOf, readAmount, readDate, readFlag, readJson } from './origin-data.ts'
import { isSealed, type OriginSecrets } from './origin-secrets.ts'
import { refusalIn } from './refusal.ts'

/** An account that is made. */
export interface PlannedAccount {
  /** As the origin refers to it: `claude_console_account:<id>`. */
  readonly originKey: string
  readonly input: AccountInput
  /** Why it will not work at once; `undefined` = it will. */
  readonly trouble: string | undefined
}

/** Accounts of the origin that do not come over. */
export interface LeftBehind {
  readonly originKey: string
  readonly name: string
  readonly why: string
}

/** What becomes of the accounts. */
export interface AccountPlan {
  readonly accounts: readonly PlannedAccount[]
  readonly leftBehind: readonly LeftBehind[]
}

/** How a plan is made. */
export interface PlanFacts {
  readonly data: OriginData
  /** `undefined` without the origin's `ENCRYPTION_KEY`. */
  readonly secrets: OriginSecrets | undefined
  readonly fates: FateBook
  /** Zone of the origin's days. */
  readonly timeZone: string
}

/** Accounts that come over, and how their credentials are sealed. */
interface Kind {
  readonly prefix: string
  readonly salt: string
  readonly urlField: string
  readonly typeOf: (url: string) => AccountInput['type']
}

const KINDS: readonly Kind[] = [
  {
    prefix: 'claude_console_account:',
    salt: 'claude-console-salt',
    urlField: 'apiUrl',
    typeOf: () => 'claude-console',
  },
  { prefix: 'ccr_account:', salt: 'ccr-account-salt', urlField: 'apiUrl', typeOf: () => 'ccr' },
  {
    prefix: 'openai_responses_account:',
    salt: 'openai-responses-salt',
    urlField: 'baseApi',
    typeOf: (url) => (hostOf(url) === 'api.openai.com' ? 'openai-responses' : 'responses'),
  },
]

/** Accounts that nobody may pool, or that this version has no type for. */
const NOT_CARRIED: readonly (readonly [prefix: string, why: string])[] = [
  ['claude:account:', 'a subscription: it belongs to a person and cannot be relayed'],
  ['openai:account:', 'a subscription: it belongs to a person and cannot be relayed'],
  ['gemini_account:', 'a subscription: it belongs to a person and cannot be relayed'],
  ['droid:account:', 'a subscription: it belongs to a person and cannot be relayed'],
  ['gemini_api_account:', 'accounts of this type have to be entered again'],
  ['azure_openai:account:', 'accounts of this type have to be entered again'],
  ['bedrock_account:', 'accounts of this type have to be entered again'],
]

const STATE = ['dropped', 'how the account was then'] as const
const FATES: FateTable = {
  id: ['changed', 'accounts get ids of their own'],
  platform: ['changed', 'type'],
  name: ['carried', 'name'],
  description: ['carried', 'description'],
  apiUrl: ['carried', 'baseUrl'],
  baseApi: ['carried', 'baseUrl'],
  apiKey: ['changed', 'credential, sealed anew'],
  priority: ['carried', 'priority'],
  supportedModels: ['changed', 'models'],
  proxy: ['changed', 'proxyUrl'],
  isActive: ['carried', 'enabled'],
  schedulable: ['carried', 'schedulable'],
  accountType: ['changed', 'isDedicated and groups'],
  maxConcurrentTasks: ['carried', 'maxConcurrency'],
  dailyQuota: ['changed', 'dailyQuota'],
  quotaResetTime: ['carried', 'dailyQuota.resetTime'],
  rateLimitDuration: ['changed', 'cooldownPolicy.rateLimitedMs; what the upstream says comes first'],
  subscriptionExpiresAt: ['carried', 'expiresAt'],
  expiresAt: ['carried', 'expiresAt'],
  userAgent: ['dropped', 'Relay does not pass for another client'],
  noFailover: ['dropped', 'Relay fails over as long as nothing has gone to the client'],
  createdAt: ['dropped', 'the account is new here'],
  lastUsedAt: STATE,
  status: STATE,
  errorMessage: STATE,
  rateLimitedAt: STATE,
  rateLimitStatus: STATE,
  rateLimitResetAt: STATE,
  overloadedAt: STATE,
  unauthorizedAt: STATE,
  unauthorizedCount: STATE,
  dailyUsage: STATE,
  lastResetDate: STATE,
  quotaStoppedAt: STATE,
  totalUsedTokens: STATE,
}

/** Credentials of the origin that it has sealed, and those of them that its key opens. */
export function countSealed({ data, secrets }: Pick<PlanFacts, 'data' | 'secrets'>): SealedCount {
  const sealed = KINDS.flatMap(({ prefix, salt }) =>
    hashesOf(data, prefix).flatMap(([, { apiKey = '' }]) => (isSealed(apiKey) ? [{ apiKey, salt }] : [])),
  )
  const opened = sealed.filter(({ apiKey, salt }) => secrets?.open(apiKey, salt) !== undefined)
  return { sealed: sealed.length, opened: opened.length }
}

interface SealedCount {
  readonly sealed: number
  readonly opened: number
}

/** Plans all accounts; names that are taken twice get a number. */
export function planAccounts(facts: PlanFacts): AccountPlan {
  const names = new Set<string>()
  const groups = groupsOf(facts.data)
  const accounts = KINDS.flatMap((kind) =>
    hashesOf(facts.data, kind.prefix).map(([id, hash]) => {
      facts.fates.meet(kind.prefix.slice(0, -1), hash, FATES)
      return planAccount({ ...facts, kind, id, hash, names, groups: groups.get(id) ?? [] })
    }),
  )
  return {
    accounts: accounts.filter((account) => 'input' in account),
    leftBehind: [...accounts.filter((account) => 'why' in account), ...listNotCarried(facts.data)],
  }
}

interface AccountFacts extends PlanFacts {
  readonly kind: Kind
  readonly id: string
  readonly hash: OriginHash
  readonly names: Set<string>
  readonly groups: readonly string[]
}

function planAccount(facts: AccountFacts): PlannedAccount | LeftBehind {
  const { kind, id, hash, names } = facts
  const originKey = kind.prefix + id
  const name = freeName(names, hash['name'] ?? id)
  const baseUrl = hash[kind.urlField] ?? hash['apiUrl'] ?? hash['baseApi'] ?? ''
  if (!URL.canParse(baseUrl)) return { originKey, name, why: 'its address is missing or no URL' }
  const credential = openCredential(facts)
  const enabled = readFlag(hash['isActive'], true)
  const input: AccountInput = {
    name,
    type: kind.typeOf(baseUrl),
    baseUrl,
    enabled,
    schedulable: readFlag(hash['schedulable'], true),
    ...(credential === undefined ? {} : { credential }),
    ...optionalSettings(facts),
  }
  const why = refusalIn(() => toAccountSettings(input))
  if (why !== undefined) return { originKey, name, why }
  const trouble = credential === undefined ? 'its credential cannot be opened' : enabled ? undefined : 'it is disabled'
  return { originKey, input, trouble }
}

function openCredential({ secrets, hash, kind }: AccountFacts): string | undefined {
  const sealed = hash['apiKey']
  if (sealed === undefined || sealed === '') return undefined
  const opened = secrets?.open(sealed, kind.salt)
  return opened === undefined || /\s/.test(opened) || opened.includes('***') || opened.includes('[REDACTED]')
    ? undefined
    : opened
}

function optionalSettings({ hash, groups, timeZone }: AccountFacts): Partial<AccountInput> {
  const priority = readAmount(hash['priority'])
  const concurrency = readAmount(hash['maxConcurrentTasks'])
  return {
    description: (hash['description'] ?? '').replaceAll(/\p{Cc}/gu, ' ').slice(0, 1000),
    ...(priority === undefined ? {} : { priority: Math.min(1000, Math.round(priority)) }),
    ...(concurrency === undefined ? {} : { maxConcurrency: Math.round(concurrency) }),
    isDedicated: hash['accountType'] === 'dedicated' || groups.length > 0,
    groups,
    models: readModels(readJson(hash['supportedModels'])),
    proxyUrl: readProxy(readJson(hash['proxy'])),
    expiresAt: readDate(hash['subscriptionExpiresAt'] ?? hash['expiresAt']),
    dailyQuota: readQuota(hash, timeZone),
    ...readCooldown(hash),
  }
}

function readQuota(hash: OriginHash, timeZone: string): AccountInput['dailyQuota'] {
  const limitMicroUsd = Math.round((readAmount(hash['dailyQuota']) ?? 0) * 1_000_000)
  if (limitMicroUsd < 1) return undefined
  const resetTime = /^\d\d:\d\d$/.test(hash['quotaResetTime'] ?? '') ? hash['quotaResetTime'] : undefined
  return { limitMicroUsd, timeZone, ...(resetTime === undefined ? {} : { resetTime }) }
}

const MINUTE_MS = 60_000
/** The longest rest that an account can have for want of a better word. */
const MAX_REST_MINUTES = 60

function readCooldown(hash: OriginHash): Partial<AccountInput> {
  const minutes = readAmount(hash['rateLimitDuration']) ?? 0
  if (minutes <= 0) return {}
  return { cooldownPolicy: { rateLimitedMs: Math.min(minutes, MAX_REST_MINUTES) * MINUTE_MS } }
}

/** A map of names, or a list of names that stay as they are. */
function readModels(value: unknown): Readonly<Record<string, string>> | undefined {
  if (Array.isArray(value)) return toMap(value.map((name: unknown) => [name, name]))
  return typeof value === 'object' && value !== null ? toMap(Object.entries(value)) : undefined
}

function toMap(pairs: readonly (readonly [unknown, unknown])[]): Readonly<Record<string, string>> | undefined {
  const named = pairs.flatMap(([asked, sent]) =>
    typeof asked === 'string' && asked !== ''
      ? [[asked, typeof sent === 'string' && sent !== '' ? sent : asked] as const]
      : [],
  )
  return named.length === 0 ? undefined : Object.fromEntries(named)
}

const proxySchema = z.object({
  type: z.enum(['http', 'https', 'socks5']).catch('http'),
  host: z.string().min(1),
  port: z.coerce.number().int(),
  username: z.string().catch(''),
  password: z.string().catch(''),
})

function readProxy(value: unknown): string | undefined {
  const proxy = proxySchema.safeParse(value)
  if (!proxy.success) return undefined
  const { type, host, port, username, password } = proxy.data
  const url = `${type}://${userInfo(username, password)}${host}:${port}`
  return URL.canParse(url) ? url : undefined
}

function userInfo(username: string, password: string): string {
  if (username === '' && password === '') return ''
  const secret = password === '' ? '' : `:${encodeURIComponent(password)}`
  return `${encodeURIComponent(username)}${secret}@`
}

/** Account id → names of its groups. */
function groupsOf(data: OriginData): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const [key, members] of data.sets) {
    if (!key.startsWith('account_group_members:')) continue
    const name = groupName(data, key.slice('account_group_members:'.length))
    for (const member of members) groups.set(member, [...(groups.get(member) ?? []), name])
  }
  return groups
}

/** What a group of the origin is called. */
export function groupName(data: OriginData, id: string): string {
  const name = data.hashes.get(`account_group:${id}`)?.['name'] ?? ''
  return (name === '' ? id : name).slice(0, 100)
}

/** A name that no other object of the plan has. */
export function freeName(names: Set<string>, wanted: string): string {
  const plain = wanted
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 90)
  const base = plain === '' ? 'imported' : plain
  let name = base
  for (let number = 2; names.has(name); number += 1) name = `${base} (${number})`
  names.add(name)
  return name
}

function listNotCarried(data: OriginData): readonly LeftBehind[] {
  return NOT_CARRIED.flatMap(([prefix, why]) =>
    hashesOf(data, prefix).map(([id, hash]) => ({ originKey: prefix + id, name: hash['name'] ?? id, why })),
  )
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : ''
}
