import { type RelayKeyInput, toRelayKeySettings } from '@relay/account-store'

import type { FateTable } from './field-fates.ts'
import type { OriginData, OriginHash } from './origin-data.ts'
import { hashesOf, readAmount, readDate, readFlag, readJson } from './origin-data.ts'
import type { OriginSecrets } from './origin-secrets.ts'
import type { AccountPlan, PlanFacts } from './plan-accounts.ts'
import { freeName, groupName } from './plan-accounts.ts'
import { refusalIn } from './refusal.ts'

/** A relay key that is made. */
export interface PlannedKey {
  readonly originId: string
  /** `permissions.accounts` names accounts as the origin does; they become ids when the accounts are there. */
  readonly input: RelayKeyInput
  /** SHA-256 over the key and the origin's `ENCRYPTION_KEY`; `undefined` when it is not known. */
  readonly hash: string | undefined
  readonly createdAt: number | undefined
  readonly lastUsedAt: number | undefined
  readonly firstUsedAt: number | undefined
  /** Why it will not work at once; `undefined` = it will. */
  readonly trouble: string | undefined
  /** No account is left that may serve it. */
  readonly isWithoutAccount: boolean
}

const SPENT = ['changed', 'budget; what was spent before is taken off a total'] as const
const NO_COUNTERPART = 'has no counterpart here'
const FATES: FateTable = {
  id: ['changed', 'keys get ids of their own'],
  name: ['carried', 'name'],
  description: ['carried', 'note'],
  apiKey: ['changed', 'the hash works as it is, and is replaced by our own when the key is first used'],
  isActive: ['carried', 'enabled'],
  concurrencyLimit: ['carried', 'maxConcurrency'],
  rateLimitWindow: ['changed', 'rateLimits'],
  rateLimitRequests: ['changed', 'rateLimits'],
  rateLimitCost: ['changed', 'rateLimits'],
  tokenLimit: ['changed', 'rateLimits, where there is a window'],
  dailyCostLimit: ['changed', 'budget'],
  totalCostLimit: SPENT,
  weeklyOpusCostLimit: ['dropped', `a limit for some models ${NO_COUNTERPART}`],
  dailyOpusCostLimit: ['dropped', `a limit for some models ${NO_COUNTERPART}`],
  permissions: ['changed', 'permissions.formats'],
  claudeConsoleAccountId: ['changed', 'permissions.accounts'],
  claudeAccountId: ['changed', 'permissions.accounts or groups, where the account comes over'],
  openaiAccountId: ['changed', 'permissions.accounts or groups, where the account comes over'],
  ccrAccountId: ['changed', 'permissions.accounts'],
  geminiAccountId: ['dropped', 'accounts of this type do not come over'],
  azureOpenaiAccountId: ['dropped', 'accounts of this type do not come over'],
  bedrockAccountId: ['dropped', 'accounts of this type do not come over'],
  vertexAccountId: ['dropped', 'accounts of this type do not come over'],
  droidAccountId: ['dropped', 'accounts of this type do not come over'],
  enableModelRestriction: ['dropped', 'the origin lists what is forbidden; here a key lists what is allowed'],
  restrictedModels: ['dropped', 'the origin lists what is forbidden; here a key lists what is allowed'],
  enableClientRestriction: ['dropped', `a list of clients ${NO_COUNTERPART}`],
  allowedClients: ['dropped', `a list of clients ${NO_COUNTERPART}`],
  tags: ['carried', 'tags'],
  expirationMode: ['changed', 'expiresAt or expiresAfterFirstUseMs'],
  expiresAt: ['carried', 'expiresAt'],
  activationDays: ['changed', 'expiresAfterFirstUseMs'],
  activationUnit: ['changed', 'expiresAfterFirstUseMs'],
  isActivated: ['changed', 'first use'],
  activatedAt: ['carried', 'first use'],
  createdAt: ['carried', 'createdAt'],
  lastUsedAt: ['carried', 'lastUsedAt'],
  userUsername: ['changed', 'owner'],
  userId: ['dropped', 'users of the origin do not come over; their name is the owner'],
  createdBy: ['dropped', 'who made it says nothing about who answers for it'],
  icon: ['dropped', `a picture ${NO_COUNTERPART}`],
  isDeleted: ['dropped', 'deleted keys do not come over'],
  deletedAt: ['dropped', 'deleted keys do not come over'],
  deletedBy: ['dropped', 'deleted keys do not come over'],
  deletedByType: ['dropped', 'deleted keys do not come over'],
  serviceRates: ['dropped', `a rate for a key ${NO_COUNTERPART}; accounts have a price multiplier`],
  weeklyResetDay: ['dropped', 'weeks begin on Monday'],
  weeklyResetHour: ['dropped', 'weeks begin on Monday'],
}

/** Plans all keys but deleted ones. */
export function planKeys(facts: PlanFacts, plan: AccountPlan): readonly PlannedKey[] {
  const names = new Set<string>()
  const hashes = hashesById(facts.data)
  return hashesOf(facts.data, 'apikey:')
    .filter(([id]) => !id.includes('hash_map') && !id.includes(':'))
    .flatMap(([id, hash]) => {
      facts.fates.meet('apikey', hash, FATES)
      if (readFlag(hash['isDeleted'], false)) return []
      return [planKey({ ...facts, plan, id, hash, names, known: hashes.get(id) })]
    })
}

interface KeyFacts extends PlanFacts {
  readonly plan: AccountPlan
  readonly id: string
  readonly hash: OriginHash
  readonly names: Set<string>
  /** Its hash, as `apikey:hash_map` has it. */
  readonly known: string | undefined
}

function planKey(facts: KeyFacts): PlannedKey {
  const { id, hash, names, plan } = facts
  const places = placesOf(facts)
  const keyHash = hashOf(facts)
  const enabled = readFlag(hash['isActive'], true)
  const expiresAt = hash['expirationMode'] === 'activation' ? undefined : readDate(hash['expiresAt'])
  const isWithoutAccount = !hasAccount(plan, places)
  const input: RelayKeyInput = {
    name: freeName(names, hash['name'] ?? id),
    note: clean(hash['description'] ?? '', 2000),
    owner: ownerOf(hash),
    tags: tagsOf(readJson(hash['tags'])),
    permissions: { ...places, formats: formatsOf(hash['permissions']) },
    enabled,
    ...limitsOf(facts),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...activationOf(hash),
  }
  return {
    originId: id,
    input,
    hash: keyHash,
    createdAt: readDate(hash['createdAt']),
    lastUsedAt: readDate(hash['lastUsedAt']),
    firstUsedAt: hash['expirationMode'] === 'activation' ? readDate(hash['activatedAt']) : undefined,
    trouble: refusalIn(() => toRelayKeySettings(input)) ?? troubleOf({ keyHash, enabled, expiresAt, isWithoutAccount }),
    isWithoutAccount,
  }
}

interface KeyState {
  readonly keyHash: string | undefined
  readonly enabled: boolean
  readonly expiresAt: number | undefined
  readonly isWithoutAccount: boolean
}

function troubleOf({ keyHash, enabled, expiresAt, isWithoutAccount }: KeyState): string | undefined {
  if (keyHash === undefined) return 'its hash is not known, or the ENCRYPTION_KEY of the origin is'
  if (!enabled) return 'it is disabled'
  if (expiresAt !== undefined && expiresAt <= Date.now()) return 'it has expired'
  return isWithoutAccount ? 'no account is left that may serve it' : undefined
}

/** The map from hash to id is what the origin itself goes by. */
function hashesById(data: OriginData): ReadonlyMap<string, string> {
  const map = data.hashes.get('apikey:hash_map') ?? {}
  return new Map(Object.entries(map).map(([hash, id]) => [id, hash]))
}

const HASH = /^[0-9a-f]{64}$/i

function hashOf({
  hash,
  known,
  secrets,
}: {
  hash: OriginHash
  known: string | undefined
  secrets: OriginSecrets | undefined
}): string | undefined {
  // Without the origin's key nobody can tell whether a secret fits its hash.
  if (secrets === undefined) return undefined
  for (const candidate of [hash['apiKey'], known, hash['hashedKey']]) {
    if (candidate !== undefined && HASH.test(candidate)) return candidate.toLowerCase()
  }
  const plain = hash['apiKey'] ?? ''
  return /^[\w-]{20,}$/.test(plain) ? secrets.hashKey(plain) : undefined
}

interface Places {
  readonly accounts?: readonly string[]
  readonly groups?: readonly string[]
}

/** Fields that bind a key, and what an id without a prefix of its own means there. */
const BINDINGS: readonly (readonly [field: string, prefix: string])[] = [
  ['claudeConsoleAccountId', 'claude_console_account:'],
  ['ccrAccountId', 'ccr_account:'],
  ['claudeAccountId', 'claude:account:'],
  ['openaiAccountId', 'openai:account:'],
  ['geminiAccountId', 'gemini_account:'],
  ['azureOpenaiAccountId', 'azure_openai:account:'],
  ['bedrockAccountId', 'bedrock_account:'],
  ['vertexAccountId', 'vertex_account:'],
  ['droidAccountId', 'droid:account:'],
]

/** Where an id has a prefix, it says which accounts are meant. */
const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['responses', 'openai_responses_account:'],
  ['ccr', 'ccr_account:'],
  ['console', 'claude_console_account:'],
])

/** Accounts and groups that a key is bound to; a key that is bound to nothing is served by all shared accounts. */
function placesOf({ data, hash }: KeyFacts): Places {
  const bound = BINDINGS.flatMap(([field, prefix]) => {
    const id = hash[field] ?? ''
    return id === '' || id === 'null' ? [] : [{ id, prefix }]
  })
  if (bound.length === 0) return {}
  const groups = bound.flatMap(({ id }) =>
    id.startsWith('group:') ? [groupName(data, id.slice('group:'.length))] : [],
  )
  const accounts = bound.flatMap(({ id, prefix }) => (id.startsWith('group:') ? [] : [referenceOf(id, prefix)]))
  return { accounts, ...(groups.length === 0 ? {} : { groups }) }
}

function referenceOf(id: string, prefix: string): string {
  const end = id.indexOf(':')
  const other = end === -1 ? undefined : REFERENCES.get(id.slice(0, end))
  return other === undefined ? prefix + id : other + id.slice(end + 1)
}

function hasAccount({ accounts }: AccountPlan, places: Places): boolean {
  const working = accounts.filter(({ trouble }) => trouble === undefined)
  if (places.accounts === undefined) return working.some(({ input }) => input.isDedicated !== true)
  const isMeant = (originKey: string, groups: readonly string[]): boolean =>
    places.accounts?.includes(originKey) === true || groups.some((group) => places.groups?.includes(group) === true)
  return working.some(({ originKey, input }) => isMeant(originKey, input.groups ?? []))
}

function ownerOf(hash: OriginHash): string {
  const name = clean(hash['userUsername'] ?? '', 100).trim()
  return name === '' ? 'admin' : name
}

function tagsOf(value: unknown): readonly string[] {
  const texts = Array.isArray(value) ? value.filter((tag) => typeof tag === 'string') : []
  return [...new Set(texts.map((tag) => clean(tag, 100).trim()).filter((tag) => tag !== ''))].slice(0, 50)
}

type Formats = NonNullable<NonNullable<RelayKeyInput['permissions']>['formats']>

const SERVICES: ReadonlyMap<string, Formats> = new Map<string, Formats>([
  ['claude', ['anthropic-messages']],
  ['openai', ['openai-chat', 'openai-responses']],
  ['gemini', ['gemini']],
])

function formatsOf(text: string | undefined): Formats | undefined {
  const parsed = readJson(text)
  const names = Array.isArray(parsed) ? parsed.map(String) : (text ?? '').split(',')
  const services = names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'all')
  const formats = services.flatMap((name) => SERVICES.get(name) ?? [])
  return services.length === 0 || formats.length === 0 ? undefined : formats
}

function limitsOf({ hash, data, id, timeZone }: KeyFacts): Partial<RelayKeyInput> {
  const dayMicroUsd = microUsd(hash['dailyCostLimit'])
  const total = microUsd(hash['totalCostLimit'])
  const spent = microUsd(data.texts.get(`usage:cost:total:${id}`))
  return {
    maxConcurrency: Math.round(readAmount(hash['concurrencyLimit']) ?? 0),
    rateLimits: rateLimitsOf(hash),
    budget: { timeZone, dayMicroUsd, totalMicroUsd: total === 0 ? 0 : Math.max(1, total - spent) },
  }
}

const MINUTE_MS = 60_000
const MAX_WINDOW_MS = 31 * 86_400_000

function rateLimitsOf(hash: OriginHash): NonNullable<RelayKeyInput['rateLimits']> {
  const windowMs = Math.min(MAX_WINDOW_MS, Math.round((readAmount(hash['rateLimitWindow']) ?? 0) * MINUTE_MS))
  if (windowMs < 1000) return []
  const all = [
    { counts: 'requests', windowMs, max: Math.round(readAmount(hash['rateLimitRequests']) ?? 0) },
    { counts: 'tokens', windowMs, max: Math.round(readAmount(hash['tokenLimit']) ?? 0) },
    { counts: 'cost', windowMs, max: microUsd(hash['rateLimitCost']) },
  ] as const
  return all.filter(({ max }) => max >= 1)
}

const HOUR_MS = 3_600_000

function activationOf(hash: OriginHash): Partial<RelayKeyInput> {
  const count = readAmount(hash['activationDays']) ?? 0
  if (hash['expirationMode'] !== 'activation' || count <= 0) return {}
  return { expiresAfterFirstUseMs: Math.round(count * (hash['activationUnit'] === 'hours' ? HOUR_MS : 24 * HOUR_MS)) }
}

function microUsd(text: string | undefined): number {
  return Math.round((readAmount(text) ?? 0) * 1_000_000)
}

function clean(text: string, max: number): string {
  return text.replaceAll(/\p{Cc}/gu, ' ').slice(0, max)
}
