import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { usageRecord } from '../conformance/stage.ts'
import { ESTIMATED_SUMS } from '../migrate/0012-estimated-sums.ts'
import { MIGRATIONS } from '../migrate/migrations.ts'
import { COUNT_COLUMNS } from '../rows/usage-counts.ts'
import type { AccountStore } from '../store/account-store.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

const DAY_MS = 86_400_000
/** Long over, so that its days and months are kept as sums. */
const START = Date.UTC(2026, 0, 30)

test('an upgrade counts the estimates of what was recorded before', async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'relay.db')
  const open = (): Promise<AccountStore> =>
    openSqliteStore({ path, encryptionKey: 'e'.repeat(40), sessionSecret: 's'.repeat(40) })

  const store = await open()
  for (let index = 0; index < 20; index += 1) {
    const usageSource = index % 4 === 0 ? 'estimated' : 'reported'
    const startedAt = START + (index % 5) * DAY_MS
    store.recordUsage(
      usageRecord({ requestId: `r${index}`, startedAt, keyId: `k${index % 2}`, team: undefined, usageSource }),
    )
  }
  await store.close()
  edit(path, (file) => {
    // Days and months are kept, too, by then.
    file.exec(sumsOf(1, `starts_at - starts_at % ${DAY_MS}`))
    file.exec(sumsOf(2, "unixepoch(starts_at / 1000, 'unixepoch', 'start of month') * 1000"))
    file.exec('ALTER TABLE usage_sums DROP COLUMN estimated; ALTER TABLE usage_records DROP COLUMN endpoint')
    file.exec('PRAGMA user_version = 11')
  })

  const upgraded = await open()
  expect((await upgraded.sumUsage({ keyId: 'k0' })).requestsEstimated).toBe(5)
  expect((await upgraded.sumUsage({ keyId: 'k1' })).requestsEstimated).toBe(0)
  await upgraded.close()
  edit(path, (file) => {
    const kept = file.prepare(
      'SELECT grain, starts_at AS at, estimated FROM usage_sums WHERE estimated > 0 ORDER BY 1, 2',
    )
    const days = [0, 1, 2, 3, 4].map((day) => START + day * DAY_MS)
    expect(kept.all().map((row) => ({ ...row }))).toEqual([
      ...days.map((at) => ({ grain: 0, at, estimated: 1 })),
      ...days.map((at) => ({ grain: 1, at, estimated: 1 })),
      { grain: 2, at: Date.UTC(2026, 0, 1), estimated: 2 },
      { grain: 2, at: Date.UTC(2026, 1, 1), estimated: 3 },
    ])
  })
})

test('each estimate finds its sum by its whole key, so that the work grows with the records and no faster', () => {
  const file = new DatabaseSync(':memory:')
  for (const { statements } of MIGRATIONS.slice(0, 11)) file.exec(statements)
  const plans: Record<string, unknown>[] = []
  for (const statement of ESTIMATED_SUMS.split(';')) {
    if (statement.trimStart().startsWith('UPDATE')) plans.push(...file.prepare(`EXPLAIN QUERY PLAN ${statement}`).all())
    else file.exec(statement)
  }
  expect(plans.map(({ detail }) => detail)).toEqual([
    'SCAN usage_sums',
    expect.stringMatching(
      /^SEARCH found USING PRIMARY KEY \(grain=\? AND starts_at=\? AND key_id=\? .* model_served=\?\)$/,
    ),
  ])
  file.close()
})

function edit(path: string, change: (file: DatabaseSync) => void): void {
  const file = new DatabaseSync(path)
  change(file)
  file.close()
}

/** Sums of longer spans, made of those of hours; what is counted beside requests is of no matter here. */
function sumsOf(grain: number, start: string): string {
  const kept = 'key_id, owner, team, account_id, model_asked, model_served, key_name, account_name'
  const counts = COUNT_COLUMNS.filter((name) => name !== 'requests').join(', ')
  return `INSERT INTO usage_sums (grain, starts_at, ${kept}, requests, ${counts})
    SELECT ${grain}, ${start} AS start, ${kept}, sum(requests), ${counts.replaceAll(/\w+/g, '0')}
    FROM usage_sums WHERE grain = 0 GROUP BY start, ${kept}`
}
