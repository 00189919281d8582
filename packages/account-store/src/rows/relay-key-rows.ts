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
    createdAt: readNumber(row, 'created_at'),
    updatedAt: readNumber(row, 'updated_at'),
    lastUsedAt: readOptionalNumber(row, 'last_used_at'),
  }
}

/** Reads what the issuer decided. */
export function readKeySettings(row: Row): RelayKeySettings {
  // Written by this package from this very type.
  const stored = readObject(row, 'settings') as unknown as RelayKeySettings
  return {
    name: stored.name,
    owner: stored.owner,
    team: stored.team,
    permissions: stored.permissions,
    maxConcurrency: stored.maxConcurrency,
    expiresAt: stored.expiresAt,
    lossPolicy: stored.lossPolicy,
    responseTtlMs: stored.responseTtlMs ?? 0, // not there in a key that was written before responses could be kept
    enabled: stored.enabled,
  }
}
