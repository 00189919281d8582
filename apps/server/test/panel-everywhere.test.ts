import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { ADMIN_API_PATH } from '../src/admin-api/contract/index.ts'
import { startFilledPanel } from './filled-panel.ts'
import { expectAccessible, hasBrowser, launchBrowser, passTime, startPanel } from './panel-browser.ts'
import type { RunningPanel } from './panel-browser.ts'

/** Pages that load something, and a word of what they show then. */
const LOADING = [
  { path: '/dashboard?range=7d', shows: 'build server' },
  { path: '/accounts', shows: 'cheap one' },
  { path: '/keys', shows: 'watched key' },
  { path: '/keys/budgets', shows: 'compilers' },
  { path: '/conversion/rules', shows: 'trial-cap' },
  { path: '/conversion/captures', shows: 'claude-opus-4-5' },
  { path: '/conversion/accepted', shows: 'cache_mark_dropped' },
  { path: '/requests', shows: 'claude-opus-4-5' },
  { path: '/usage?range=7d', shows: 'build server' },
  { path: '/audit', shows: 'Capture opened' },
  { path: '/sessions', shows: 'a browser of this test' },
  { path: '/setup', shows: 'Key of the service' },
] as const

/** Lists, each with a filter that nothing fits. */
const FILTERED = [
  { path: '/accounts?q=nobody-is-called-so', shows: 'cheap one' },
  { path: '/keys?q=nobody-is-called-so', shows: 'watched key' },
  { path: '/requests?model=nobody-is-called-so', shows: 'claude-opus-4-5' },
  { path: '/audit?actor=nobody-is-called-so', shows: 'Capture opened' },
] as const

/** What a list says while there is nothing at all, and what leads on. */
const EMPTY = [
  { path: '/accounts', next: 'Add account' },
  { path: '/keys', next: 'Create key' },
  { path: '/keys/budgets', next: 'Set limits' },
] as const

const JUMPS = { d: 'dashboard', a: 'accounts', k: 'keys', c: 'conversion', r: 'requests', u: 'usage', s: 'settings' }

/** Run in the page: the words of what has the focus. */
const FOCUSED = `document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim()`

describe.skipIf(!hasBrowser)('everywhere in the panel (skipped without a browser)', { timeout: 240_000 }, () => {
  let browser: Browser
  let panel: RunningPanel
  const isDown = { now: false }
  beforeAll(async () => {
    browser = await launchBrowser()
    panel = await startFilledPanel(browser, ({ url }) => {
      const isRefused = isDown.now && url.includes(`${ADMIN_API_PATH}/`) && !url.endsWith('/session')
      const error = { code: 'store-unavailable', message: 'a test' }
      return isRefused ? Response.json({ error }, { status: 503 }) : undefined
    })
    // So that there is something in the log of actions.
    const { page } = await panel.openSignedIn('/conversion/captures/req-lossy')
    await page.getByText('Grüße').first().waitFor()
    await panel.closeWindows()
  }, 60_000)
  afterEach(() => panel.closeWindows())
  afterAll(async () => {
    await panel.close()
    await browser.close()
  })

  test('what cannot be loaded is told, and loads at the next try', async ({ onTestFinished }) => {
    const { page } = await panel.openSignedIn('/sessions')
    onTestFinished(() => void (isDown.now = false))
    for (const { path, shows } of LOADING) {
      isDown.now = true
      await page.goto(`${panel.url}${path}`)
      const retry = page.locator('main').getByRole('button', { name: 'Try again' })
      await retry.first().waitFor()
      await page.getByText('The store cannot be reached right now.').first().waitFor()
      isDown.now = false
      for (let left = await retry.count(); left > 0; left -= 1) await retry.first().click()
      await page.locator('main').getByText(shows).locator('visible=true').first().waitFor()
      expect([path, await retry.count()]).toEqual([path, 0])
    }
  })

  test('a relay that takes its time is waited for, and that can be seen', async () => {
    const { page, mistakes } = await panel.openSignedIn('/sessions')
    const answer = Promise.withResolvers<void>()
    await page.route(`**${ADMIN_API_PATH}/session`, async (route) => {
      await answer.promise
      return route.continue()
    })
    await page.goto(`${panel.url}/accounts`, { waitUntil: 'commit' })
    await page.getByRole('progressbar', { name: 'Relay' }).waitFor()
    answer.resolve()
    await page.locator('main').getByText('cheap one').first().waitFor()
    expect(await page.getByRole('progressbar', { name: 'Relay' }).count()).toBe(0)
    expect(mistakes).toEqual([])
  })

  test('what is pressed again while the relay takes its time is done once, and one sees that it is under way', async () => {
    const { page, mistakes } = await panel.openSignedIn('/setup')
    const answer = Promise.withResolvers<void>()
    let asked = 0
    await page.route(`**${ADMIN_API_PATH}/keys`, async (route) => {
      asked += 1
      await answer.promise
      return route.continue()
    })
    const create = page.getByRole('button', { name: 'Create key' })
    await create.click()
    await create.click()
    await page.getByRole('progressbar', { name: 'Under way…' }).waitFor()
    answer.resolve()
    await page.getByRole('heading', { name: 'Your new key' }).waitFor()
    expect([asked, await page.getByRole('progressbar').count()]).toEqual([1, 0])
    expect(mistakes).toEqual([])
  })

  test('a relay that takes longer than the next look for news comes to an answer all the same', async () => {
    const { page, mistakes } = await panel.openSignedIn('/sessions', { isUsedUp: true })
    for (const [path, shows] of [
      ['/accounts', 'cheap one'],
      ['/keys', 'watched key'],
      ['/keys/budgets', 'compilers'],
      ['/conversion/captures', 'claude-opus-4-5'],
    ] as const) {
      const answer = Promise.withResolvers<void>()
      const asked: string[] = []
      await page.route(new RegExp(`${ADMIN_API_PATH}/(accounts|keys|holders|captures)$`), async (route) => {
        asked.push(route.request().url())
        await answer.promise
        return route.continue()
      })
      await page.goto(`${panel.url}${path}`)
      await expect.poll(() => asked.length).toBeGreaterThan(0)
      const begun = asked.length
      await passTime(page)
      expect([path, asked.length]).toEqual([path, begun])
      answer.resolve()
      await page.locator('main').getByText(shows).locator('visible=true').first().waitFor()
      await page.unrouteAll({ behavior: 'ignoreErrors' })
    }
    expect(mistakes).toEqual([])
  })

  test('a list that is filtered to nothing says so, and is cleared by one press', async () => {
    const { page, mistakes } = await panel.openSignedIn('/sessions')
    for (const { path, shows } of FILTERED) {
      await page.goto(`${panel.url}${path}`)
      const way = page.locator('main').getByText('Clear filters', { exact: true }).last()
      await way.waitFor()
      await way.click()
      await expect.poll(() => page.url()).not.toContain('nobody')
      await page.locator('main').getByText(shows).locator('visible=true').first().waitFor()
    }
    expect(mistakes).toEqual([])
  })

  test('a list without anything in it leads on', async ({ onTestFinished }) => {
    const fresh = await startPanel(browser)
    onTestFinished(() => fresh.close())
    const { page, mistakes } = await fresh.openSignedIn('/sessions')
    for (const { path, next } of EMPTY) {
      await page.goto(`${fresh.url}${path}`)
      await page.locator('main h2').first().waitFor()
      const ways = page.locator('main').getByText(next, { exact: true })
      await expect.poll(() => ways.count()).toBeGreaterThan(0)
      await expectAccessible(page, { state: `empty ${path}`, schemes: ['light', 'dark'] })
    }
    expect(mistakes).toEqual([])
  })

  test('the focus of a line that is removed goes to the next one', async ({ onTestFinished }) => {
    const fresh = await startPanel(browser)
    onTestFinished(() => fresh.close())
    await fresh.addAccounts()
    const { page, mistakes } = await fresh.openSignedIn('/accounts')
    const menus = page.getByRole('button', { name: /^Actions for/ })
    await menus.nth(3).waitFor()
    const third = await menus.nth(2).getAttribute('aria-label')
    for (const removed of [1, 2]) {
      await menus.nth(removed).focus()
      for (const key of ['Enter', 'End', 'Enter']) await page.keyboard.press(key)
      await page.locator('[data-confirm]').press('Enter')
      await expect.poll(() => menus.count()).toBe(4 - removed)
      await expect.poll(() => page.evaluate(FOCUSED)).toBe(third)
    }
    expect(mistakes).toEqual([])
  })

  test('every page is reached, searched and left by keys, and the focus comes back', async () => {
    const { page, mistakes } = await panel.openSignedIn('/sessions')
    await page.locator('main h1').waitFor()
    for (const [key, name] of Object.entries(JUMPS)) {
      await page.keyboard.press('g')
      await page.keyboard.press(key)
      await page.waitForURL(new RegExp(`/admin-next/${name}`))
      await page.locator('main h1').first().waitFor()
    }
    await page.goto(`${panel.url}/accounts`)
    const menu = page.getByRole('button', { name: 'Actions for main' })
    await menu.focus()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('menuitem', { name: 'Test' }).waitFor()
    await page.keyboard.press('End')
    await expect.poll(() => page.evaluate(FOCUSED)).toBe('Delete')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await expect.poll(() => page.evaluate(FOCUSED)).toBe('Actions for main')
    await searchByKey(page)
    await page.keyboard.press('Escape')
    await page.locator('main h1').click()
    await page.keyboard.press('n')
    await page.waitForURL(/\/accounts\/new$/)
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(mistakes).toEqual([])
  })
})

async function searchByKey(page: Page): Promise<void> {
  await page.keyboard.press('/')
  await page.keyboard.type('spare')
  await page.waitForURL(/q=spare/)
  await expect.poll(() => page.getByRole('row').count()).toBe(2)
}
