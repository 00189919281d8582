import type { UsageSums } from './usage-record.ts'

/** What a data set is made of, in the order in which it is carried from one place to another. */
export const TRANSFER_TABLES = [
  'pepper',
  'settings',
  'admin_users',
  'accounts',
  'relay_keys',
  'foreign_suffixes',
  'relay_key_secrets',
  'budget_holders',
  'limit_counters',
  'audit_log',
  'usage_records',
  'usage_sums',
] as const

/** One of {@link TRANSFER_TABLES}. */
export type TransferTable = (typeof TRANSFER_TABLES)[number]

/** One object as it is carried: columns by name, secrets in the clear, bytes in hexadecimal digits. */
export interface TransferRow {
  readonly table: TransferTable
  readonly row: Readonly<Record<string, string | number | null>>
}

/** Which columns of a row are secret: they are never written down in the clear. */
export function secretColumns({ table, row }: TransferRow): readonly string[] {
  if (table === 'settings' && !String(row['name']).startsWith('sealed.')) return []
  return SECRET_COLUMNS[table] ?? []
}

const SECRET_COLUMNS: Readonly<Partial<Record<TransferTable, readonly string[]>>> = {
  pepper: ['value'],
  settings: ['value'],
  admin_users: ['password_hash'],
  accounts: ['credential', 'proxy_password'],
  foreign_suffixes: ['sealed'],
  relay_key_secrets: ['digest'],
}

/** Usage of a day that is known as a sum only: from another system. */
export interface UsageHistoryEntry {
  /** Unique; adding it twice has no effect. */
  readonly id: string
  /** Start of the day in UTC, milliseconds since the epoch. */
  readonly day: number
  readonly keyId: string
  readonly keyName: string
  readonly owner: string
  readonly team: string | undefined
  readonly model: string | undefined
  readonly sums: UsageSums
}
