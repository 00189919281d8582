import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { PASSWORD } from './admin-harness.ts'
import { openStage } from './harness.ts'
import type { Stage, TestRelay } from './harness.ts'
import { expectAccessible, expectGood, hasBrowser, launchBrowser, LOOKS } from './panel-browser.ts'
import { openDoor } from './panel-door.ts'
import { openWindow } from './panel-window.ts'
import type { PanelPage } from './panel-window.ts'
import { usageSample } from './usage-samples.ts'

const schemes = ['light', 'dark'] as const

describe.skipIf(!hasBrowser)('settings in Chromium (skipped without one)', { timeout: 90_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  }, 60_000)
  afterAll(() => browser.close())

  async function open(stage: Stage, locale: string, dataDir?: string): Promise<PanelPage> {
    const place = dataDir === undefined ? {} : { storeFile: join(dataDir, 'relay.db'), config: { dataDir } }
    const relay = await stage.relay({ accounts: [], ...place })
    return enter(relay, locale)
  }

  async function enter({ store, url }: TestRelay, locale = 'en-GB'): Promise<PanelPage> {
    const user = await store.createAdminUser({ name: 'admin', password: PASSWORD, mustChangePassword: false })
    const { token } = await store.createSession({ userId: user.id })
    const door = await openDoor(browser, url)
    const opened = await openWindow(browser, { url: `${door.url}/admin-next/settings`, token, options: { locale } })
    return { ...opened, close: async () => opened.close().then(door.close) }
  }

  test.for(LOOKS)('every section can be read by everyone in $locale', async ({ locale, schemes }, context) => {
    const { page, close, mistakes } = await open(openStage(context), locale)
    const isChinese = locale === 'zh-CN'
    await page.getByRole('heading', { name: isChinese ? '备份' : 'Backups', exact: true }).waitFor()
    await page.getByRole('heading', { name: isChinese ? '网络防护' : 'Network guard' }).waitFor()
    await page.locator('main .skeleton').first().waitFor({ state: 'detached' })
    await expectGood(page, { state: `settings ${locale}`, schemes })
    await page.goto(page.url() + '/reference')
    await page.getByText('/admin/api/webhooks/{id}/test').click()
    await page.locator('details[open]').getByText('settings:write').waitFor()
    await expectGood(page, { state: `reference ${locale}`, schemes })
    expect(mistakes).toEqual([])
    await close()
  })

  test('on a phone nothing of an admin who has not signed in yet is covered', async (context) => {
    const relay = await openStage(context).relay({ accounts: [] })
    await relay.store.createAdminUser({ name: 'newcomer', password: PASSWORD, mustChangePassword: true })
    const { page, close } = await enter(relay)
    await page.setViewportSize({ width: 375, height: 800 })
    const waits = await page.getByText('has not signed in yet').boundingBox()
    const role = await page.getByLabel('Role of newcomer').boundingBox()
    expect((waits?.y ?? 0) + (waits?.height ?? 999)).toBeLessThanOrEqual(role?.y ?? 0)
    await close()
  })

  test('a webhook is added, tried and removed', async (context) => {
    const heard: string[] = []
    const hook = createServer((request, response) => {
      heard.push(request.url ?? '')
      request.resume().on('end', () => response.end('ok'))
    })
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
    context.onTestFinished(() => new Promise<void>((resolve) => void hook.close(() => resolve())))
    const { page, close, mistakes } = await open(openStage(context), 'en-GB')

    await page.getByRole('button', { name: 'Add webhook' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('on-call')
    await dialog
      .getByLabel('Address')
      .fill(`http://127.0.0.1:${(hook.address() as AddressInfo).port}/hooks/secret-path`)
    await expectAccessible(page, { state: 'webhook form', schemes })
    await dialog.getByRole('button', { name: 'Save' }).dblclick() // it is one webhook all the same
    await page.getByRole('button', { name: 'Test on-call' }).click()
    await page.getByText(/The test message arrived: .*200/).waitFor()
    expect(heard).toEqual(['/hooks/secret-path'])
    expect(await page.getByText('secret-path').count()).toBe(0)
    await page.getByRole('button', { name: 'Actions for on-call' }).click()
    await page.getByRole('menuitem', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('Nobody is told yet.').waitFor()
    expect(mistakes).toEqual([])
    await close()
  })

  test('days, prices and a backup are what was asked for', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'relay-settings-'))
    context.onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const { page, close, mistakes } = await open(openStage(context), 'en-GB', folder)
    await page.getByLabel('Log of actions').fill('30')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('The days were saved.').first().waitFor()
    await page.getByLabel('Own prices (JSON)').fill('{ "prices": [{ "model": "house-1", "input": "-1" }] }')
    await page.getByRole('button', { name: 'Save prices' }).click()
    await page.getByText(/line 1: prices\.0\.input/).waitFor()
    await page.getByLabel('Own prices (JSON)').fill('{ "prices": [{ "model": "house-1", "input": "1" }] }')
    await page.getByRole('button', { name: 'Save prices' }).click()
    await page.getByText('The prices were saved.').first().waitFor()
    await page.getByRole('button', { name: 'Make a backup now' }).click()
    await page.getByRole('list', { name: 'Backups, newest first' }).getByText('.db').waitFor()
    await page.reload()
    await page.getByLabel('Log of actions').waitFor()
    expect(await page.getByLabel('Log of actions').inputValue()).toBe('30')
    expect(mistakes).toEqual([])
    await close()
  })

  test('the price table is replaced by a file and put back, and recordings get their days', async (context) => {
    const table = [
      {
        id: 'house',
        name: 'House',
        api_pattern: String.raw`https://house\.example`,
        models: [{ id: 'house-1', match: { equals: 'house-1' }, prices: { input_mtok: 1, output_mtok: 2 } }],
      },
    ]
    const { page, close, mistakes } = await open(openStage(context), 'en-GB')
    const section = page.getByRole('region', { name: 'Prices' })
    await section.getByText('Use another table').click()
    const choose = (text: string) =>
      section
        .getByLabel('Or a file')
        .setInputFiles({ name: 'own.json', mimeType: 'application/json', buffer: Buffer.from(text) })
    await choose('{')
    await section.getByRole('button', { name: 'Use this table' }).click()
    await section.getByRole('alert').waitFor()
    await expectAccessible(page, { state: 'price table', schemes })
    await choose(JSON.stringify(table))
    await section.getByRole('button', { name: 'Use this table' }).click()
    await section.getByText(/own\.json.*put in by an admin/).waitFor()
    await section.getByRole('button', { name: 'Back to the bundled table' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Back to the bundled table' }).click()
    await section.getByText(/comes with Relay/).waitFor()

    await page.getByLabel('Days of keeping').fill('3')
    await page.getByRole('button', { name: 'Save recording' }).click()
    await page.getByText('The proposals were saved.').first().waitFor()
    await page.reload()
    await page.getByLabel('Days of keeping').waitFor()
    expect(await page.getByLabel('Days of keeping').inputValue()).toBe('3')
    expect(mistakes.filter((mistake) => !mistake.includes('400'))).toEqual([])
    await close()
  })

  test('a price is set, and past costs follow it: in the sums, in the request, and in the log', async (context) => {
    const relay = await openStage(context).relay({ accounts: [] })
    const house = {
      modelSent: 'house-1',
      modelServed: 'house-1',
      costMicroUsd: undefined,
      costSource: 'unknown',
    } as const
    const common = { ...house, startedAt: Date.now() - 60_000 }
    const tokens = { ...usageSample({ requestId: '', startedAt: 0 }).tokens, cacheReadTokens: 0 }
    relay.store.recordUsage(
      usageSample({ ...common, requestId: 'req-a', tokens: { ...tokens, inputTokens: 1_000_000, outputTokens: 0 } }),
    )
    relay.store.recordUsage(
      usageSample({ ...common, requestId: 'req-b', costMicroUsd: 40_000, costSource: 'reported' }),
    )
    await relay.store.flushUsage()
    const { page, close, mistakes } = await enter(relay)
    await page.getByLabel('Own prices (JSON)').fill('{ "prices": [{ "model": "house-1", "input": "2.5" }] }')
    await page.getByRole('button', { name: 'Save prices' }).click()
    await page.getByText('The prices were saved.').first().waitFor()

    await page.goto(new URL('usage?range=7d&by=model-served', page.url()).href)
    const row = page.getByRole('row', { name: /house-1/ })
    await row.getByText('$0.04').first().waitFor()
    const section = page.getByRole('region', { name: 'Compute costs anew' })
    await section.getByRole('button', { name: 'See what would change' }).click()
    await section.getByText('1 of 2 requests get another cost: $0.04 → $2.54').waitFor()
    await section.getByRole('button', { name: 'Change the costs' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect((await relay.store.sumUsage()).costMicroUsd).toBe(40_000)
    await section.getByRole('button', { name: 'Change the costs' }).click()
    await dialog.getByRole('button', { name: 'Change the costs' }).click()
    await page.getByText('The costs were computed anew.').first().waitFor()
    await row.getByText('$2.54').first().waitFor()
    expect((await relay.store.sumUsage()).costMicroUsd).toBe(2_540_000)
    await section.getByRole('button', { name: 'See what would change' }).click()
    await section.getByText(/^0 of 2 requests get another cost/).waitFor()

    await page.goto(new URL('requests?open=req-a', page.url()).href)
    await page.getByRole('dialog').getByText('$2.50').first().waitFor()
    await page.goto(new URL('audit', page.url()).href)
    await page.getByText('Past costs computed anew').first().waitFor()
    expect(mistakes).toEqual([])
    await close()
  })
})
