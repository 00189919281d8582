import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { usageRecord } from '../conformance/stage.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

test('a model is found under both of its names, each record once, newest first, page by page', async ({
  onTestFinished,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'relay.db')
  const store = await openSqliteStore({ path, encryptionKey: 'e'.repeat(40), sessionSecret: 's'.repeat(40) })
  const names = [
    ['wanted', 'wanted'],
    ['wanted', 'other'],
    ['other', 'wanted'],
    ['other', 'other'],
    ['wanted', undefined],
  ] as const
  for (let index = 0; index < 40; index += 1) {
    const [modelAsked, modelServed] = names[index % names.length] ?? names[0]
    store.recordUsage(
      usageRecord({ requestId: `r${index}`, startedAt: 1000 + index, modelAsked, modelServed, keyId: `k${index % 2}` }),
    )
  }
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.listUsage({ model: 'wanted', limit: 5, cursor })
    found.push(...page.records.map(({ requestId }) => requestId))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  const all = Array.from({ length: 40 }, (_, index) => 39 - index).filter((index) => index % 5 !== 3)
  expect(found).toEqual(all.map((index) => `r${index}`))
  const ofKey = await store.listUsage({ model: 'wanted', keyId: 'k1', limit: 500 })
  expect(ofKey.records.map(({ requestId }) => requestId)).toEqual(
    all.filter((index) => index % 2 === 1).map((index) => `r${index}`),
  )
  await store.close()

  const file = new DatabaseSync(path, { readOnly: true })
  const planOf = (condition: string): string =>
    JSON.stringify(
      file
        .prepare(`EXPLAIN QUERY PLAN SELECT * FROM usage_records WHERE ${condition} ORDER BY started_at DESC, id DESC`)
        .all({ model: 'wanted' }),
    )
  const asked = planOf('model_asked = :model')
  const served = planOf('model_served = :model AND model_served IS NOT model_asked')
  expect([asked, served]).toEqual([
    expect.stringContaining('usage_records_by_model_asked'),
    expect.stringContaining('usage_records_by_model_served'),
  ])
  expect(`${asked}${served}`).not.toContain('TEMP B-TREE')
  file.close()
})
