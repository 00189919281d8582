import type {
  Account,
  AccountAttention,
  AccountError,
  AccountSettings,
  Cooldown,
  CooldownCause,
  ManagedBy,
  QuotaState,
  RefusedParameter,
} from '../account.ts'
import { DEFAULT_COOLDOWN_POLICY } from '../account.ts'
import type { Row } from './row.ts'
import { readNumber, readObject, readOptionalNumber, readOptionalObject, readOptionalText, readText } from './row.ts'

/** What of an account's state is not in its own row. */
export interface StateParts {
  readonly cooldowns: readonly Cooldown[]
  readonly refusedParameters: readonly RefusedParameter[]
  readonly quota: QuotaState | undefined
}

/** Reads an account; its credential stays in the row. */
export function toAccount(row: Row, parts: StateParts): Account {
  return {
    ...readSettings(row),
    id: readText(row, 'id'),
    managedBy: readManagedBy(row),
    hasCredential: readOptionalText(row, 'credential') !== undefined,
    credentialLastFour: readOptionalText(row, 'credential_last_four'),
    hasProxyPassword: readOptionalText(row, 'proxy_password') !== undefined,
    createdAt: readNumber(row, 'created_at'),
    updatedAt: readNumber(row, 'updated_at'),
    state: {
      lastSuccessAt: readOptionalNumber(row, 'last_success_at'),
      // Written by this package from these very types, see `account-state.ts`.
      lastError: readOptionalObject(row, 'last_error') as unknown as AccountError | undefined,
      attention: readOptionalObject(row, 'attention') as unknown as AccountAttention | undefined,
      ...parts,
    },
  }
}

/** What an account has that was written before these fields were there. */
const ADDED_LATER = {
  tags: [],
  groups: [],
  isDedicated: false,
  allowedModels: undefined,
  proxyUrl: undefined,
  tlsCa: undefined,
  dailyQuota: undefined,
  currency: 'USD',
  priceMultiplier: 1,
  expiresAt: undefined,
  cooldownPolicy: DEFAULT_COOLDOWN_POLICY,
  errorClasses: [],
  acceptedLosses: [],
  rules: {},
} as const satisfies Partial<AccountSettings>

/** Reads what the operator decided; what a newer version has put there stays where it is. */
export function readSettings(row: Row): AccountSettings {
  // Written by this package from this very type.
  const stored = { ...ADDED_LATER, ...(readObject(row, 'settings') as unknown as AccountSettings) }
  return {
    name: stored.name,
    description: stored.description,
    tags: stored.tags,
    groups: stored.groups,
    isDedicated: stored.isDedicated,
    type: stored.type,
    baseUrl: stored.baseUrl,
    formatBaseUrls: stored.formatBaseUrls,
    apiFormat: stored.apiFormat,
    responseFormat: stored.responseFormat,
    headers: stored.headers,
    models: stored.models,
    allowedModels: stored.allowedModels,
    proxyUrl: stored.proxyUrl,
    tlsCa: stored.tlsCa,
    dailyQuota: stored.dailyQuota,
    currency: stored.currency,
    priceMultiplier: stored.priceMultiplier,
    expiresAt: stored.expiresAt,
    cooldownPolicy: stored.cooldownPolicy,
    errorClasses: stored.errorClasses,
    maxOutputTokens: stored.maxOutputTokens,
    priority: stored.priority,
    weight: stored.weight,
    maxConcurrency: stored.maxConcurrency,
    timeouts: stored.timeouts,
    lossPolicy: stored.lossPolicy,
    acceptedLosses: stored.acceptedLosses,
    profile: stored.profile,
    rules: stored.rules,
    enabled: stored.enabled,
    schedulable: stored.schedulable,
    isDemo: stored.isDemo,
  }
}

/** Reads who may change the object. */
export function readManagedBy(row: Row): ManagedBy {
  return readText(row, 'managed_by') === 'config' ? 'config' : 'operator'
}

/** Reads a cooldown. */
export function toCooldown(row: Row): Cooldown {
  return {
    model: readText(row, 'model'),
    // Written by this package from this very type.
    cause: readText(row, 'cause') as CooldownCause,
    strikes: readNumber(row, 'strikes'),
    startedAt: readNumber(row, 'started_at'),
    endsAt: readNumber(row, 'ends_at'),
  }
}

/**
 * The text to store for new settings: fields that a newer version has put there stay.
 *
 * @param stored - the text that is there now
 */
export function mergeSettings(stored: Row | undefined, settings: object): string {
  return JSON.stringify(stored === undefined ? settings : { ...readObject(stored, 'settings'), ...settings })
}

/** What a credential is sealed for: it opens for no other account. */
export function credentialContext(accountId: string): string {
  return `account:${accountId}`
}

/** What a proxy's password is sealed for. */
export function proxyContext(accountId: string): string {
  return `account-proxy:${accountId}`
}
