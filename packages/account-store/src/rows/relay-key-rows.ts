import { NO_BUDGET } from '../limits/limits.ts'
import type { RelayKey, RelayKeySettings } from '../relay-key.ts'
import { readManagedBy } from './account-rows.ts'
import type { Row } from './row.ts'
import { readNumber, readObject, readOptionalNumber, readText } from './row.ts'

/** Reads a relay key. */
export function toRelayKey(row: Row): RelayKey {
  return {
    ...readKeySettings(row),
    id: readText(row, 'id'),
    managedBy: readManagedBy(row),
    secretLastFour: readText(row, 'secret_last_four'),
    revokedAt: readOptionalNumber(row, 'revoked_at'),
    oldSecretEndsAt: readOptionalNumber(row, 'old_secret_ends_at'),
    createdAt: readNumber(row, 'created_at'),
    updatedAt: readNumber(row, 'updated_at'),
    lastUsedAt: readOptionalNumber(row, 'last_used_at'),
    firstUsedAt: readOptionalNumber(row, 'first_used_at'),
  }
}

/** Reads what the issuer decided. */
export function readKeySettings(row: Row): RelayKeySettings {
  // Written by this package from this very type.
  const stored = { ...ADDED_LATER, ...(readObject(row, 'settings') as unknown as RelayKeySettings) }
  return {
    name: stored.name,
    owner: stored.owner,
    team: stored.team,
    tags: stored.tags,
    note: stored.note,
    permissions: stored.permissions,
    maxConcurrency: stored.maxConcurrency,
    rateLimits: stored.rateLimits,
    budget: stored.budget,
    concurrencyQueue: stored.concurrencyQueue,
    expiresAt: stored.expiresAt,
    expiresAfterFirstUseMs: stored.expiresAfterFirstUseMs,
    lossPolicy: stored.lossPolicy,
    responseTtlMs: stored.responseTtlMs,
    enabled: stored.enabled,
  }
}

/** What a key has that was written before these fields were there. */
const ADDED_LATER = {
  tags: [],
  note: '',
  rateLimits: [],
  budget: NO_BUDGET,
  responseTtlMs: 0,
} as const satisfies Partial<RelayKeySettings>

/** What the suffix of another system's hashes is sealed for. */
export function foreignSuffixContext(id: number): string {
  return `foreign-suffix:${id}`
}
