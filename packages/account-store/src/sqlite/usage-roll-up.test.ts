import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TestContext } from 'vitest'
import { expect, test } from 'vitest'

import { usageRecord } from '../conformance/stage.ts'
import { createKeyRing } from '../crypto/key-ring.ts'
import { MIGRATIONS } from '../migrate/migrations.ts'
import type { Row } from '../rows/row.ts'
import type { AccountStore } from '../store/account-store.ts'
import type { Connection } from './connection.ts'
import { openConnection } from './connection.ts'
import { openDatabase } from './open-database.ts'
import { openSqliteStore } from './open-sqlite-store.ts'
import { createUsageRollUp } from './usage-roll-up.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** 30 March 2026. */
const START = Date.UTC(2026, 2, 30)
const KEYS = 250
const SECRETS = { encryptionKey: 'e'.repeat(40), sessionSecret: 's'.repeat(40) }

test('sums of days and months are made in steps of some keys each, and miss nothing that comes meanwhile', async ({
  onTestFinished,
}) => {
  const { store, file, keyIds } = await openStage(onTestFinished)
  const rollUp = createUsageRollUp(file)
  await writeRound(store, keyIds, 0)
  // A node of an older version has counted into the days itself, and only what it served.
  file.execute(`INSERT INTO usage_sums SELECT 1, starts_at - starts_at % ${DAY_MS}, key_id, owner, team, account_id, model_asked,
    model_served, key_name, account_name, requests, failed, with_losses, input_tokens, cache_read_tokens, cache_write_5m_tokens,
    cache_write_1h_tokens, cache_write_other_tokens, output_tokens, reasoning_tokens, cost_micro_usd, without_usage,
    without_cost, estimated
    FROM usage_sums WHERE true ON CONFLICT DO NOTHING`)
  const now = START + 3 * DAY_MS + 5
  let steps = 0
  while (file.transaction(() => rollUp.step(now))) {
    steps += 1
    if (steps % 3 === 1) await writeRound(store, keyIds, steps)
  }
  expect(steps).toBeGreaterThan(6) // three days and a month, three steps each at least
  const over = START + 3 * DAY_MS
  expect(sumsOf(file, 1, over)).toEqual(recordsBy(file, `started_at - started_at % ${DAY_MS}`, over))
  expect(sumsOf(file, 2)).toEqual(recordsBy(file, String(Date.UTC(2026, 2, 1)), Date.UTC(2026, 3, 1)))

  while (file.transaction(() => rollUp.stepToEnd(now)));
  await writeRound(store, keyIds, 1000)
  expect(sumsOf(file, 1)).toEqual(recordsBy(file, `started_at - started_at % ${DAY_MS}`, Infinity))
})

test('for a week after an upgrade days and months are written with each record, as older code does and expects', async ({
  onTestFinished,
}) => {
  const path = join(newFolder(onTestFinished), 'relay.db')
  const box = createKeyRing(SECRETS.encryptionKey)
  const before = openDatabase({ path, box, migrations: MIGRATIONS.slice(0, 10) })
  before.fast.close()
  before.durable.close()

  const store = await openSqliteStore({ path, ...SECRETS })
  onTestFinished(async () => store.close())
  const file = openConnection({ path })
  onTestFinished(() => file.close())
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const days = [today, today + DAY_MS, today + 7 * DAY_MS]
  const later = [today + 9 * DAY_MS, today + 40 * DAY_MS]
  for (const [index, day] of [...days, ...later].entries())
    store.recordUsage(usageRecord({ requestId: `r-${index}`, startedAt: day + 5, keyId: 'key' }))
  await store.flushUsage()
  const week = recordsBy(file, `started_at - started_at % ${DAY_MS}`, today + 8 * DAY_MS)
  expect(sumsOf(file, 1)).toEqual(week)
  const month = `unixepoch(started_at / 1000, 'unixepoch', 'start of month') * 1000`
  const end = new Date(today + 8 * DAY_MS)
  expect(sumsOf(file, 2)).toEqual(recordsBy(file, month, Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1)))
  expect((await store.sumUsage()).requests).toBe(days.length + later.length)
  expect((await store.breakDownUsage({ span: 'day' })).length).toBe(days.length + later.length)
})

type OnFinished = TestContext['onTestFinished']

function newFolder(onTestFinished: OnFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'relay-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function openStage(onTestFinished: OnFinished) {
  const path = join(newFolder(onTestFinished), 'relay.db')
  const store = await openSqliteStore({ path, ...SECRETS, now: () => START })
  const relayKeys = Array.from({ length: KEYS }, (_, index) => ({
    name: `key ${index}`,
    secret: `rk_test_${String(index).padStart(20, '0')}`,
  }))
  await store.applyConfig({ accounts: [], relayKeys })
  const file = openConnection({ path })
  onTestFinished(async () => {
    file.close()
    await store.close()
  })
  return { store, file, keyIds: [...(await store.listRelayKeys()).map(({ id }) => id), 'key of another kind'] }
}

/** A record of every key on each of five days, at another hour each time. */
async function writeRound(store: AccountStore, keyIds: readonly string[], round: number): Promise<void> {
  for (let day = 0; day < 5; day += 1)
    for (const [index, keyId] of keyIds.entries()) {
      const startedAt = START + day * DAY_MS + ((index + round) % 24) * HOUR_MS + round
      store.recordUsage(
        usageRecord({ requestId: `${round}-${day}-${index}`, keyId, startedAt, costMicroUsd: index + round }),
      )
    }
  await store.flushUsage()
}

function sumsOf(file: Connection, grain: number, before: number = Infinity): readonly string[] {
  return texts(
    file
      .prepare(
        `SELECT starts_at, key_id, requests, cost_micro_usd FROM usage_sums WHERE grain = :grain AND starts_at < :before`,
      )
      .all({ grain, before }),
  )
}

function recordsBy(file: Connection, startsAt: string, before: number): readonly string[] {
  return texts(
    file
      .prepare(
        `SELECT ${startsAt} AS starts_at, key_id, count(*) AS requests, sum(cost_micro_usd) AS cost_micro_usd
         FROM usage_records WHERE started_at < :before GROUP BY 1, 2`,
      )
      .all({ before }),
  )
}

function texts(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted()
}
