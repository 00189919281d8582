import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ONE_TIME_PASSWORD, PASSWORD } from './admin-harness.ts'
import { openStage } from './harness.ts'
import { hasBrowser, launchBrowser } from './panel-browser.ts'
import { openWindow } from './panel-window.ts'

/** Counts what a person clicks, in the page itself. */
const COUNT_CLICKS = `
  addEventListener('click', (event) => event.isTrusted && sessionStorage.setItem('clicks', String(Number(sessionStorage.getItem('clicks') ?? 0) + 1)), true)`

describe.skipIf(!hasBrowser)('first steps in Chromium (skipped without one)', { timeout: 90_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  }, 60_000)
  afterAll(() => browser.close())

  test('from the login page to a command for Claude Code in at most 12 clicks', async (context) => {
    const relay = await openStage(context).relay({ accounts: [] })
    await relay.store.createAdminUser({ name: 'admin', password: ONE_TIME_PASSWORD, mustChangePassword: true })
    const { page, close, mistakes } = await openWindow(browser, { url: `${relay.url}/admin-next` })
    await page.addInitScript(COUNT_CLICKS)
    await page.reload()
    await page.getByLabel('Password').fill(ONE_TIME_PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('New password, again').fill(PASSWORD)
    await page.getByRole('button', { name: 'Set password and continue' }).click()

    await page.getByLabel('Service', { exact: true }).selectOption({ label: 'DeepSeek' })
    await page.getByRole('button', { name: 'Add account' }).click()
    await page.locator('input:focus:invalid').waitFor() // without its key nothing would work
    await page.getByLabel('Key of the service').fill('sk-upstream-credential')
    await page.getByRole('button', { name: 'Add account' }).click()
    await page.getByText('The account deepseek is there.').waitFor()
    await page.getByRole('button', { name: 'Create key' }).click()
    const lines = await page.getByRole('region', { name: 'Claude Code' }).textContent()
    expect(lines).toContain(`export ANTHROPIC_BASE_URL="${relay.url}"`)
    const key = /ANTHROPIC_AUTH_TOKEN="(rk-[\w-]+)"/.exec(lines ?? '')?.[1] ?? ''
    expect((await relay.store.findRelayKey(key))?.name).toBe('my tools')
    await page.getByRole('button', { name: 'Copy: Claude Code' }).click()
    await page.getByText('Copied').waitFor({ state: 'attached' })
    expect(Number(await page.evaluate(`sessionStorage.getItem('clicks')`))).toBeLessThanOrEqual(12)
    expect(await relay.store.listAccounts()).toMatchObject([{ name: 'deepseek', apiFormat: 'auto' }])
    expect(mistakes).toEqual([])
    await close()
  })
})
