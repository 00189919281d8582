import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import type * as genaiPrices from '@pydantic/genai-prices'
import { openSqliteStore } from '@relay/account-store'
import type { AccountStore } from '@relay/account-store'
import { createNetworkGuard, createSender } from '@relay/upstreams'
import { type FakeUpstream, jsonReply, startFakeUpstream } from '@relay/upstreams/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { openPriceSettings } from '../src/meter/price-settings.ts'
import { createPriceBook } from '../src/meter/prices/price-book.ts'
import type { PriceBook } from '../src/meter/prices/price-book.ts'
import { readPriceData } from '../src/meter/prices/price-data.ts'
import { TABLE_SOURCE } from '../src/meter/prices/price-table.ts'
import { PriceTableError, resetPriceTable, showPriceTable, updatePriceTable } from '../src/upkeep/price-update.ts'
import { openFirstStart, signInAs } from './admin-harness.ts'
import { makeFolder, runRelay } from './relay-process.ts'

const ACCOUNT = { name: 'main', baseUrl: 'https://api.openai.com/v1', isDemo: false }
const TABLE = [
  {
    id: 'openai',
    name: 'OpenAI',
    description: null,
    api_pattern: String.raw`https://api\.openai\.com`,
    model_match: { contains: 'gpt' },
    models: [
      {
        id: 'gpt-5',
        match: { or: [{ equals: 'gpt-5' }, { regex: String.raw`^gpt-5-\d{4}$` }] },
        context_window: 123_456,
        prices: [
          { prices: { input_mtok: 7, output_mtok: 70 } },
          { constraint: { start_date: '2999-01-01' }, prices: { input_mtok: 1, output_mtok: 1 } },
        ],
      },
    ],
  },
]
const CONTENT = JSON.stringify(TABLE)

let service: FakeUpstream
let store: AccountStore
const sender = createSender({ guard: createNetworkGuard({ allowLoopback: true }) })
beforeEach(async () => {
  service = await startFakeUpstream()
  service.answer(jsonReply(TABLE))
  store = await openSqliteStore({ path: ':memory:', encryptionKey: 'e'.repeat(40), sessionSecret: 's'.repeat(40) })
})
afterEach(async () => {
  await store.close()
  await service.close()
})

/** What a server that starts now computes with. */
async function openBook(): Promise<{ book: PriceBook; refresh(): Promise<void>; warnings: unknown[] }> {
  const book = createPriceBook()
  const warnings: unknown[] = []
  const log = { warn: (fields: object, message: string) => void warnings.push({ ...fields, message }) }
  const settings = await openPriceSettings({ book, store, file: undefined, log })
  settings.stop()
  return { book, refresh: () => settings.refresh(), warnings }
}

/** The setting that the first part of the table lies in. */
async function firstPart(): Promise<string> {
  const { digest } = JSON.parse((await store.readSetting('prices.table')) ?? '') as { digest: string }
  return `prices.table.${digest.slice(0, 16)}.0`
}

function inputPrice(book: PriceBook): string | undefined {
  return book.priceOf(ACCOUNT, 'gpt-5', Date.now())?.input
}

describe('a price table', () => {
  test('of an address is in force at once, after a restart, and until it is taken back', async () => {
    const { book, refresh } = await openBook()
    const bundled = inputPrice(book)
    expect(bundled).toBeDefined()
    const state = await updatePriceTable({ store, sender }, { url: `${service.url}/data.json?token=canary` })
    expect(state).toMatchObject({ name: `${service.url}/data.json`, isBundled: false })
    expect(state.takenAt).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect(await showPriceTable(store)).toEqual(state)
    for (const { book: now } of [{ book, ...(await refresh(), {}) }, await openBook()]) {
      expect(inputPrice(now)).toBe('7')
      expect(now.sources().table).toEqual({ name: state.name, version: state.version, date: state.date })
      expect(now.modelFacts(ACCOUNT, 'gpt-5').contextWindow).toBe(123_456)
      expect(now.priceOf(ACCOUNT, 'gpt-4o', Date.now())).toBeUndefined()
    }
    expect(service.requests).toHaveLength(1)
    const part = await firstPart()
    expect(await store.readSetting(part)).toBeDefined()
    expect(await resetPriceTable(store)).toMatchObject({ ...TABLE_SOURCE, isBundled: true })
    await refresh()
    expect(inputPrice(book)).toBe(bundled)
    expect(inputPrice((await openBook()).book)).toBe(bundled)
    expect(await store.readSetting(part)).toBeUndefined()
  })

  test.for([
    ['no JSON', 'that is no table'],
    ['another shape', '{"prices":[]}'],
    ['no provider', '[]'],
    ['no model', JSON.stringify([{ ...TABLE[0], models: [] }])],
    ['a price below nothing', CONTENT.replace('"input_mtok":7', '"input_mtok":-7')],
    ['a price that is a text', CONTENT.replace('"input_mtok":7', '"input_mtok":"7"')],
    ['a pattern that is none', CONTENT.replace('^gpt-5-', '(')],
    ['a pattern without end', CONTENT.replace('^gpt-5-', '(a+)+')],
    ['a day that is none', CONTENT.replace('2999-01-01', '2999-13-01')],
    ['nesting without end', CONTENT.replace('{"equals":"gpt-5"}', `${'{"or":['.repeat(20_000)}${']}'.repeat(20_000)}`)],
  ] as const)('with %s changes nothing', async ([, content]) => {
    await updatePriceTable({ store, sender }, { content: CONTENT, source: 'good.json' })
    const before = await showPriceTable(store)
    await expect(updatePriceTable({ store, sender }, { content, source: 'bad.json' })).rejects.toThrow(PriceTableError)
    expect(await showPriceTable(store)).toEqual(before)
    expect(inputPrice((await openBook()).book)).toBe('7')
  })

  test('is not fetched from where it was not asked for', async () => {
    service.answer({ ...jsonReply({}), status: 302, headers: { location: `${service.url}/elsewhere` } })
    await expect(updatePriceTable({ store, sender }, { url: service.url })).rejects.toThrow('another address')
    expect(service.requests).toHaveLength(1)
    service.answer(jsonReply({ error: 'gone' }, { status: 404 }))
    await expect(updatePriceTable({ store, sender }, { url: service.url })).rejects.toThrow('status 404')
    const guarded = createSender({ guard: createNetworkGuard({ allowLoopback: false }) })
    await expect(updatePriceTable({ store, sender: guarded }, { url: service.url })).rejects.toThrow(PriceTableError)
    await guarded.close()
    expect(service.requests).toHaveLength(2)
    for (const url of ['file:///etc/passwd', 'nonsense', service.url.replace('//', '//user:word@')]) {
      await expect(updatePriceTable({ store, sender }, { url })).rejects.toThrow('address of a price table')
    }
    expect(await showPriceTable(store)).toMatchObject({ isBundled: true })
  })

  test('larger than 10 MB is refused, whole or fetched', async () => {
    const content = `${CONTENT}${' '.repeat(10 * 1024 * 1024)}`
    await expect(updatePriceTable({ store, sender }, { content, source: 'big' })).rejects.toThrow('larger than 10 MB')
    service.answer(jsonReply([...TABLE, 'x'.repeat(11 * 1024 * 1024)]))
    await expect(updatePriceTable({ store, sender }, { url: service.url })).rejects.toThrow('could not be fetched')
  })

  test('that is damaged in the store is told, and the prices that were known go on', async () => {
    const { book, refresh, warnings } = await openBook()
    const bundled = inputPrice(book)
    await updatePriceTable({ store, sender }, { content: CONTENT, source: 'good.json' })
    await store.writeSetting(await firstPart(), 'damaged')
    await refresh()
    await refresh()
    expect(inputPrice(book)).toBe(bundled)
    expect(warnings).toHaveLength(1)
  })

  test('may be what the library brings itself', () => {
    const library = createRequire(import.meta.url)(TABLE_SOURCE.name) as typeof genaiPrices
    for (const providerId of ['anthropic', 'openai', 'google', 'deepseek', 'azure', 'mistral', 'x-ai', 'openrouter']) {
      const provider = library.findProvider({ providerId })
      expect([providerId, readPriceData(JSON.stringify([provider])).ok]).toEqual([providerId, true])
    }
  })

  test('is changed through the admin API by admins only, and that is written down', async () => {
    const harness = await openFirstStart()
    await signInAs(harness, 'operator')
    expect((await harness.call('POST', '/prices/update', { body: { content: CONTENT } })).status).toBe(403)
    await signInAs(harness, 'admin')
    const bad = await harness.call('POST', '/prices/update', { body: { content: '[]' } })
    expect([bad.status, bad.body.error.code]).toEqual([400, 'invalid-request'])
    const done = await harness.call('POST', '/prices/update', { body: { url: `${service.url}/data.json` } })
    expect(done).toMatchObject({ status: 200, body: { name: `${service.url}/data.json`, isBundled: false } })
    expect((await harness.call('GET', '/prices')).body).toEqual(done.body)
    expect((await harness.call('POST', '/prices/reset')).body).toMatchObject({ isBundled: true })
    const deeds = (await harness.call('GET', '/audit')).body as { entries: { action: string }[] }
    expect(deeds.entries.map(({ action }) => action)).toEqual(expect.arrayContaining(['prices.update', 'prices.reset']))
  })

  test('is looked at and changed from the command line', { timeout: 60_000 }, async ({ onTestFinished }) => {
    const folder = makeFolder()
    onTestFinished(() => folder.remove())
    const path = join(folder.path, 'table.json')
    writeFileSync(path, CONTENT)
    const run = (words: readonly string[]) =>
      runRelay(['prices', ...words, '--json'], { folder: folder.path, environment: { DATA_DIR: folder.path } })
    expect(JSON.parse((await run(['update', '--file', path])).stdout)).toMatchObject({ name: path, isBundled: false })
    const failed = await run(['update', '--url', 'http://10.0.0.1/data.json'])
    expect([failed.exitCode, failed.stderr]).toEqual([1, expect.stringContaining('nothing was changed')])
    expect(JSON.parse((await run(['show'])).stdout)).toMatchObject({ name: path })
  })
})
