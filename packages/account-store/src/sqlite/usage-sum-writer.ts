import type { UsageRow } from '../rows/usage-rows.ts'
import { floor } from '../usage-spans.ts'
import type { Connection, Parameters } from './connection.ts'

/** Keeps the sums by hour, day and month; always in the transaction that changes the records. */
export interface UsageSumWriter {
  /** Adds records that are new; many of one key, account and model in one step. */
  add(rows: readonly UsageRow[]): void
  /** A record has got another cost. */
  changeCost(row: UsageRow, cost: { readonly before: number | undefined; readonly after: number | undefined }): void
}

/** What sums are kept by; the empty text stands for "none". */
const KEPT_BY = ['key_id', 'owner', 'team', 'account_id', 'model_asked', 'model_served'] as const
const PLACE = ['grain', 'starts_at', ...KEPT_BY] as const
const NAMES = ['key_name', 'account_name'] as const

/** What is summed, of one record. */
const SUMMED: readonly (readonly [column: string, of: (row: UsageRow) => number])[] = [
  ['requests', () => 1],
  ['failed', ({ reason }) => (reason === 'completed' || reason === 'client_closed' ? 0 : 1)],
  ['with_losses', ({ has_losses: hasLosses }) => Number(hasLosses ?? 0)],
  ['input_tokens', (row) => count(row['input_tokens'])],
  ['cache_read_tokens', (row) => count(row['cache_read_tokens'])],
  ['cache_write_5m_tokens', (row) => count(row['cache_write_5m_tokens'])],
  ['cache_write_1h_tokens', (row) => count(row['cache_write_1h_tokens'])],
  ['cache_write_other_tokens', (row) => count(row['cache_write_other_tokens'])],
  ['output_tokens', (row) => count(row['output_tokens'])],
  ['reasoning_tokens', (row) => count(row['reasoning_tokens'])],
  ['cost_micro_usd', (row) => count(row['cost_micro_usd'])],
  ['without_usage', ({ usage_source: source }) => (source === 'missing' ? 1 : 0)],
  ['without_cost', ({ cost_micro_usd: cost }) => (cost === undefined ? 1 : 0)],
]
const SUM_NAMES = SUMMED.map(([name]) => name)

/** Grain 0 = hour, 1 = day, 2 = month, all in UTC. */
const LEVELS = ['hours', 'days', 'months'] as const

export function createUsageSumWriter(connection: Connection): UsageSumWriter {
  const columns = [...PLACE, ...NAMES, ...SUM_NAMES]
  const upsert = connection.prepare(`
    INSERT INTO usage_sums (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
    ON CONFLICT (${PLACE.join(', ')}) DO UPDATE SET
      ${NAMES.map((name) => `${name} = excluded.${name}`).join(', ')},
      ${SUM_NAMES.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`)
  const change = connection.prepare(`
    UPDATE usage_sums SET cost_micro_usd = cost_micro_usd + :cost, without_cost = without_cost + :unknown
    WHERE ${PLACE.map((name) => `${name} = :${name}`).join(' AND ')}`)

  return {
    add: (rows) => {
      const groups = new Map<string, Group>()
      for (const row of rows) addTo(groups, row)
      for (const { newest, sums } of groups.values()) {
        const names = NAMES.map((name) => text(newest[name]))
        for (const place of placesOf(newest)) upsert.runValues([...PLACE.map((name) => place[name]), ...names, ...sums])
      }
    },
    changeCost: (row, { before, after }) => {
      const cost = (after ?? 0) - (before ?? 0)
      const unknown = Number(after === undefined) - Number(before === undefined)
      for (const place of placesOf(row)) change.run({ ...place, cost, unknown })
    },
  }
}

type Place = Readonly<Record<string, string | number>>

function placesOf(row: UsageRow): readonly Place[] {
  const startedAt = count(row['started_at'])
  const kept = Object.fromEntries(KEPT_BY.map((name) => [name, text(row[name])]))
  return LEVELS.map((level, grain) => ({ grain, starts_at: startOf(level, startedAt), ...kept }))
}

function startOf(level: (typeof LEVELS)[number], at: number): number {
  const start = floor(level, at)
  return Number.isFinite(start) ? start : 0 // beyond what a calendar knows
}

/** Records of one hour, key, account and model. */
interface Group {
  newest: UsageRow
  /** In the order of {@link SUMMED}. */
  readonly sums: number[]
}

const HOUR_MS = 3_600_000

function addTo(groups: Map<string, Group>, row: UsageRow): void {
  let key = String(Math.floor(count(row['started_at']) / HOUR_MS))
  for (const name of KEPT_BY) key += `\u0000${text(row[name])}`
  const group = groups.get(key) ?? { newest: row, sums: SUMMED.map(() => 0) }
  group.newest = row
  for (const [index, [, of]] of SUMMED.entries()) group.sums[index] = (group.sums[index] ?? 0) + of(row)
  groups.set(key, group)
}

function count(value: Parameters[string]): number {
  return typeof value === 'number' ? value : 0
}

function text(value: Parameters[string]): string {
  return typeof value === 'string' ? value : ''
}
