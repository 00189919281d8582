import { chatAnswer } from '@relay/upstreams/testing'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { startFilledPanel } from './filled-panel.ts'
import { accountFor, openStage } from './harness.ts'
import { expectGood, hasBrowser, launchBrowser, LOOKS } from './panel-browser.ts'
import type { RunningPanel } from './panel-browser.ts'
import { openWindow } from './panel-window.ts'
import { CANARY } from './usage-samples.ts'

/** A page, and what is there once it has loaded. */
interface Visit {
  readonly name: string
  readonly path: string
  readonly ready: (page: Page) => Promise<unknown>
}

const VISITS: readonly Visit[] = [
  {
    name: 'dashboard',
    path: '/dashboard?range=7d',
    ready: (page) => page.getByText('/messages/*/content/*').first().waitFor(),
  },
  {
    name: 'requests',
    path: '/requests?reason=upstream_error', // a few: a long list is the same many times, and axe looks at each
    ready: (page) => page.locator('[data-request]').first().waitFor(),
  },
  {
    name: 'usage',
    path: '/usage?range=7d&and=model-served',
    ready: (page) => page.getByText('build server').first().waitFor(),
  },
  { name: 'inspector', path: '/conversion', ready: (page) => page.getByText('content_block_stop').first().waitFor() },
  {
    name: 'matrix',
    path: '/conversion/matrix?from=openai-chat&field=tool',
    ready: (page) => page.getByRole('table').waitFor(),
  },
  { name: 'rules', path: '/conversion/rules', ready: (page) => page.getByText('trial-cap').first().waitFor() },
  { name: 'captures', path: '/conversion/captures', ready: (page) => page.getByRole('table').waitFor() },
  {
    name: 'capture',
    path: '/conversion/captures/req-lossy',
    ready: (page) => page.getByText('Grüße').first().waitFor(),
  },
  { name: 'performance', path: '/conversion/performance', ready: (page) => page.getByRole('table').waitFor() },
  {
    name: 'accepted',
    path: '/conversion/accepted',
    ready: (page) => page.getByText('cache_mark_dropped').first().waitFor(),
  },
  { name: 'accounts', path: '/accounts', ready: (page) => page.getByText('cheap one').first().waitFor() },
  { name: 'keys', path: '/keys', ready: (page) => page.getByText('watched key').first().waitFor() },
  { name: 'owners', path: '/keys/budgets', ready: (page) => page.getByText('compilers').first().waitFor() },
  {
    name: 'request',
    path: '/requests?model=claude-opus-4-5&open=req-lossy',
    ready: (page) => page.getByRole('dialog').getByText('/top_k', { exact: true }).waitFor(),
  },
  // Opening a capture was written down.
  { name: 'audit', path: '/audit', ready: (page) => page.locator('main time').first().waitFor() },
  {
    name: 'sessions',
    path: '/sessions',
    ready: (page) => page.locator('main').getByRole('listitem').first().waitFor(),
  },
  { name: 'setup', path: '/setup', ready: (page) => page.locator('main select').first().waitFor() },
]

/** Where something ends, in pixels from the left edge of the window. */
async function rightOf(each: Locator): Promise<number> {
  const box = await each.boundingBox()
  return box === null ? Infinity : box.x + box.width
}

/** Run in the page, before its own scripts: adds up how far things were moved that nobody had touched. */
const WATCH_SHIFTS = `
  self.shifts = []
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      const what = sources.map(({ node }) => node?.className || node?.nodeName).join(', ')
      if (!hadRecentInput) self.shifts.push({ value, what })
    }
  }).observe({ type: 'layout-shift', buffered: true })`
/** What is felt as calm: https://web.dev/articles/cls. */
const CALM = 0.1

interface Shift {
  readonly value: number
  readonly what: string
}

/** @returns what was moved on the page that has just loaded, if that is more than is felt as calm */
async function watchJumps(page: Page): Promise<() => Promise<readonly Shift[]>> {
  await page.addInitScript(WATCH_SHIFTS)
  return async () => {
    await page.evaluate('new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))')
    const shifts = await page.evaluate<readonly Shift[]>('self.shifts')
    return shifts.reduce((sum, { value }) => sum + value, 0) > CALM ? shifts : []
  }
}

describe.skipIf(!hasBrowser)('the pages in Chromium (skipped without one)', { timeout: 300_000 }, () => {
  let browser: Browser
  let panel: RunningPanel

  beforeAll(async () => {
    browser = await launchBrowser()
    panel = await startFilledPanel(browser)
  }, 60_000)
  afterEach(() => panel.closeWindows())
  afterAll(async () => {
    await panel.close()
    await browser.close()
  })

  test.for(LOOKS)(
    'every page loads without a jump and can be used by everyone, on every screen: $locale, $schemes',
    async ({ locale, schemes }) => {
      const { page, mistakes } = await panel.openSignedIn('/sessions', { locale, isUsedUp: true })
      const jumps = await watchJumps(page)
      for (const { name, path, ready } of VISITS) {
        await page.setViewportSize({ width: 1600, height: 1000 })
        await page.goto(`${panel.url}${path}`)
        await ready(page)
        expect(await jumps(), `${name} jumps`).toEqual([])
        expect(await page.locator('img').count(), `${name} takes text for HTML`).toBe(0)
        await expectGood(page, { state: `${name} ${locale}`, schemes })
      }
      expect(mistakes).toEqual([])
    },
  )

  test('no page jumps while it loads on a phone', async () => {
    const { page } = await panel.openSignedIn('/sessions', { viewport: { width: 390, height: 900 }, isUsedUp: true })
    const jumps = await watchJumps(page)
    for (const { name, path, ready } of VISITS) {
      await page.goto(`${panel.url}${path}`)
      await ready(page)
      expect(await jumps(), `${name} jumps`).toEqual([])
    }
  })

  test('a first look at the dashboard loads at most 250 kB', async () => {
    const { page } = await panel.openSignedIn('/sessions')
    const loaded: Promise<number>[] = []
    page.on('requestfinished', (request) => {
      loaded.push(request.sizes().then(({ responseBodySize }) => responseBodySize))
    })
    await page.goto(`${panel.url}/dashboard?range=7d`)
    await page.getByText('/messages/*/content/*').first().waitFor()
    const bytes = (await Promise.all(loaded)).reduce((sum, size) => sum + size, 0)
    expect(bytes).toBeGreaterThan(20_000)
    expect(bytes).toBeLessThan(250_000)
  })

  test('on a phone every range can be chosen, the open tab is seen, and a card has its menu beside its name', async () => {
    const { page, mistakes } = await panel.openSignedIn('/dashboard', { viewport: { width: 390, height: 800 } })
    const custom = page.getByRole('button', { name: 'Custom' })
    await custom.waitFor()
    expect(await rightOf(custom)).toBeLessThanOrEqual(390)
    await page.goto(`${panel.url}/conversion/accepted`)
    const tab = page.getByRole('link', { name: 'Accepted losses' })
    await tab.waitFor()
    await expect.poll(async () => rightOf(tab)).toBeLessThanOrEqual(390)
    await page.goto(`${panel.url}/accounts`)
    const menu = await page.getByRole('button', { name: 'Actions for cheap one' }).boundingBox()
    const name = await page.getByRole('link', { name: 'cheap one' }).boundingBox()
    const box = await page.getByLabel('Select cheap one').boundingBox()
    expect(Math.abs((menu?.y ?? 0) - (name?.y ?? 999))).toBeLessThan(24)
    expect(Math.abs((box?.y ?? 0) - (name?.y ?? 999))).toBeLessThan(24)
    expect(mistakes).toEqual([])
  })

  test('a range that ends before it begins is told', async () => {
    const { page, mistakes } = await panel.openSignedIn('/dashboard')
    await page.getByRole('button', { name: 'Custom' }).click()
    await page.getByLabel('From').fill('2026-11-20T10:00')
    await page.getByLabel('Until').fill('2026-11-19T10:00')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.locator('input:focus:invalid').waitFor()
    await page.getByLabel('Until').fill('2026-11-21T10:00')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.waitForURL(/from=\d+&before=\d+/)
    expect(mistakes).toEqual([])
  })

  test('a chart is walked by keyboard, read as a table, and narrows the time', async () => {
    const { page, mistakes } = await panel.openSignedIn('/requests')
    const chart = page.getByRole('group', { name: /^Requests of the last 24 hours/ })
    await page.locator('[data-request]').first().waitFor()
    await chart.focus()
    await page.keyboard.press('End')
    await page.getByRole('status').getByText('complete').waitFor()
    await page.keyboard.press('Shift+ArrowLeft')
    await page.keyboard.press('Enter')
    await page.waitForURL(/from=\d+&before=\d+/)
    await page.getByText('Requests of the chosen time').waitFor()
    await page.getByRole('button', { name: 'Show as a table' }).click()
    expect(await page.getByRole('columnheader', { name: 'complete' }).count()).toBe(1)
    await page.reload()
    await page.getByText('Requests of the chosen time').waitFor()
    const { searchParams } = new URL(page.url())
    const csv = await page.getByRole('link', { name: 'csv' }).getAttribute('href')
    expect(new URL(csv ?? '', panel.url).searchParams.get('from')).toBe(searchParams.get('from'))
    expect(mistakes).toEqual([])
  })

  test('bars are as long as was chosen, and past costs are computed anew after a look', async () => {
    const { page, mistakes } = await panel.openSignedIn('/usage?range=7d')
    await page.getByLabel('Per', { exact: true }).selectOption({ label: 'hour' })
    await page.waitForURL(/span=hour/)
    const csv = await page.getByRole('link', { name: 'csv' }).getAttribute('href')
    expect(new URL(csv ?? '', panel.url).searchParams.get('span')).toBe('hour')
    await page.getByRole('button', { name: 'See what would change' }).click()
    await page.getByText(/requests get another cost/).waitFor()
    expect(mistakes).toEqual([])
  })

  test('a capture is played through other rules, compared, and kept as a fixture', async () => {
    const { page, mistakes } = await panel.openSignedIn('/conversion/captures/req-lossy')
    const rule = { id: 'seeded', phase: 'request.upstream', ops: [{ op: 'set', path: '/seed', value: 7 }] }
    await page.getByLabel('Rules, JSON').fill('{')
    await page.getByRole('button', { name: 'Replay and compare' }).click()
    await page.getByText('This is not valid JSON.').waitFor()
    await page.getByLabel('Rules, JSON').fill(JSON.stringify({ version: 1, rules: [rule] }))
    await page.getByRole('button', { name: 'Replay and compare' }).click()
    await page.getByRole('region', { name: 'Difference in the request' }).getByText('"seed": 7').waitFor()
    await page.getByText('No difference.').waitFor()
    await page.getByLabel('Name of the case').fill('Seeded case')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save as fixture' }).click()
    expect((await download).suggestedFilename()).toBe('seeded-case.zip')
    expect(await page.locator('img').count()).toBe(0)
    expect(mistakes).toEqual([])
  })

  test('rules are checked while they are written, tried in the shadow, and taken into use', async () => {
    const { page, mistakes } = await panel.openSignedIn('/conversion/rules')
    const editor = page.getByRole('textbox', { name: 'Rules as JSON' })
    await page.getByText('trial-cap').first().waitFor()
    await editor.fill(
      '{\n"version": 1,\n"rules": [{ "id": "x", "phase": "request.upstream", "ops": [{ "op": "clamp" }] }] }',
    )
    await page.getByText('line 3').first().waitFor()
    expect(await page.getByRole('button', { name: 'Take into use' }).isDisabled()).toBe(true)
    const rule = { id: 'seeded', phase: 'request.upstream', ops: [{ op: 'set', path: '/seed', value: 7 }] }
    await editor.fill(JSON.stringify({ version: 1, rules: [rule] }))
    await page.getByText('Acted: seeded').waitFor()
    await page.getByRole('button', { name: 'Try in the shadow' }).click()
    await page.getByText('The rules are on trial').first().waitFor()
    await page.getByLabel('Why').fill('a house rule')
    await page.getByRole('button', { name: 'Take into use' }).click()
    await page.getByText('Version 1').waitFor()
    await page.getByText('a house rule').waitFor()
    expect(mistakes).toEqual([])
  })
})

describe.skipIf(!hasBrowser)('the public page of a key (skipped without a browser)', { timeout: 300_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  }, 60_000)
  afterAll(() => browser.close())

  test.for(LOOKS)(
    'shows its holder the own numbers, and keeps the key nowhere: $locale',
    async ({ locale, schemes }, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(chatAnswer({ text: CANARY }).script)
      const key = { maxConcurrency: 5, name: CANARY }
      const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key })
      const body = { model: CANARY, max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] }
      for (const _ of [1, 2]) await relay.post('/v1/messages', body)
      await relay.records(2)

      const { page, close } = await openWindow(browser, {
        url: `${relay.url}/admin-next/stats`,
        options: { locale },
      })
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      const field = page.locator('main input').first()
      await field.fill('not a key of this relay')
      await field.press('Enter')
      await page.locator('[aria-invalid=true]').waitFor()
      await field.fill(relay.key)
      await field.press('Enter')
      await page.getByRole('heading', { name: CANARY }).waitFor()
      // Nobody knows the price of that model: its cost is not 0.
      await page.getByText(locale === 'en-GB' ? '2 requests · unknown' : '2 个请求 · 未知').waitFor()
      await page.getByText('ANTHROPIC_BASE_URL').waitFor()
      await expectGood(page, { state: `stats ${locale}`, schemes })

      expect(await page.locator('img').count()).toBe(0)
      expect(asked.some((url) => url.includes(relay.key))).toBe(false)
      expect(
        await page.evaluate('JSON.stringify([localStorage, sessionStorage, location.href, document.cookie])'),
      ).not.toContain(relay.key)
      await page.reload()
      await field.waitFor()
      expect(await field.inputValue()).toBe('')
      await close()
    },
  )
})
