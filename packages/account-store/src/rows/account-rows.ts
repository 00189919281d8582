import type {
  Account,
  AccountAttention,
  AccountError,
  AccountSettings,
  Cooldown,
  CooldownCause,
  ManagedBy,
} from '../account.ts'
import type { Row } from './row.ts'
import { readNumber, readObject, readOptionalNumber, readOptionalObject, readOptionalText, readText } from './row.ts'

/** Reads an account; its credential stays in the row. */
export function toAccount(row: Row, cooldowns: readonly Cooldown[]): Account {
  return {
    ...readSettings(row),
    id: readText(row, 'id'),
    managedBy: readManagedBy(row),
    hasCredential: readOptionalText(row, 'credential') !== undefined,
    credentialLastFour: readOptionalText(row, 'credential_last_four'),
    createdAt: readNumber(row, 'created_at'),
    updatedAt: readNumber(row, 'updated_at'),
    state: {
      lastSuccessAt: readOptionalNumber(row, 'last_success_at'),
      // Written by this package from these very types, see `account-state.ts`.
      lastError: readOptionalObject(row, 'last_error') as unknown as AccountError | undefined,
      attention: readOptionalObject(row, 'attention') as unknown as AccountAttention | undefined,
      cooldowns,
    },
  }
}

/** Reads what the operator decided. */
export function readSettings(row: Row): AccountSettings {
  const stored = readObject(row, 'settings') as unknown as AccountSettings
  return {
    name: stored.name,
    description: stored.description,
    type: stored.type,
    baseUrl: stored.baseUrl,
    formatBaseUrls: stored.formatBaseUrls,
    apiFormat: stored.apiFormat,
    responseFormat: stored.responseFormat,
    headers: stored.headers,
    models: stored.models,
    maxOutputTokens: stored.maxOutputTokens,
    priority: stored.priority,
    weight: stored.weight,
    maxConcurrency: stored.maxConcurrency,
    timeouts: stored.timeouts,
    lossPolicy: stored.lossPolicy,
    acceptedLosses: stored.acceptedLosses ?? [], // not there in an account that was written before they could be accepted
    profile: stored.profile,
    rules: stored.rules ?? {}, // not there in an account that was written before there were rules
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
