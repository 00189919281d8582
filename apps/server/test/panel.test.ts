import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { ONE_TIME_PASSWORD, PASSWORD } from './admin-harness.ts'
import {
  expectAccessible,
  expectGood,
  hasBrowser,
  launchBrowser,
  LOOKS,
  passTime,
  startPanel,
} from './panel-browser.ts'
import type { RunningPanel } from './panel-browser.ts'
import { CANARY, mixedSamples, usageSample } from './usage-samples.ts'

describe.skipIf(!hasBrowser)('the panel in Chromium (skipped without one)', { timeout: 90_000 }, () => {
  let browser: Browser
  let panel: RunningPanel

  beforeAll(async () => {
    browser = await launchBrowser()
  }, 60_000)
  afterAll(() => browser.close())
  beforeEach(async () => {
    panel = await startPanel(browser)
  })
  afterEach(() => panel.close())

  test('from the one-time password to the requests, and out again', async () => {
    await panel.record(mixedSamples(Date.now()))
    const { page, mistakes } = await panel.open('')
    await page.getByLabel('Password').fill(ONE_TIME_PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()

    await page.getByLabel('New password', { exact: true }).fill('short')
    await page.getByText('7 more to go').waitFor()
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('New password, again').fill(`${PASSWORD}!`)
    await page.getByRole('button', { name: 'Set password and continue' }).click()
    await page.getByText('The two passwords are not the same.').waitFor()
    await page.getByLabel('New password, again').fill(PASSWORD)
    await page.getByRole('button', { name: 'Set password and continue' }).click()

    await page.waitForURL(/\/admin-next\/setup$/)
    await page.getByRole('link', { name: 'Requests', exact: true }).click()
    await page.waitForURL(/\/admin-next\/requests$/)
    const lossy = page.getByRole('row', { name: /claude-opus-4-5/ })
    await lossy.getByText('3 · lossy').waitFor()
    const unknown = page.getByRole('row', { name: /gpt-5.2-mini/ })
    expect(await unknown.getByText('unknown', { exact: true }).count()).toBe(4)
    await page.getByRole('row', { name: /demo/ }).getByText('$0', { exact: false }).waitFor()

    await page.getByRole('button', { name: '切换到中文' }).click()
    await page.getByRole('heading', { name: '请求', level: 1 }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
    await page.reload()
    await page.getByRole('heading', { name: '请求', level: 1 }).waitFor()
    await lossy.getByRole('link').click()
    await page.getByRole('dialog').getByText('引用信息未能带过去。').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Switch to English' }).click()

    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    const light = await ground()
    await page.getByRole('button', { name: 'Theme: like the system' }).click()
    await page.getByRole('button', { name: 'Theme: light' }).click()
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor()
    const dark = await ground()
    expect(dark).not.toBe(light)
    await page.reload()
    expect(await ground()).toBe(dark)

    await lossy.getByRole('link').click()
    const sheet = page.getByRole('dialog')
    await sheet.getByText('/messages/3/content/0/citations').waitFor()
    await sheet.getByText('Converted from Claude to OpenAI Chat').waitFor()
    await sheet.getByText('529 · upstream error').waitFor()
    await sheet.getByText('More').click()
    await sheet.getByText('"value": 40').waitFor()
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'hidden' })

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You are signed out.').waitFor()
    await page.goto(`${panel.url}/requests`)
    await page.waitForURL(/\/login/)
    expect(mistakes).toEqual([])
  })

  test('a wrong password is told, and the address that was wanted is reached after the right one', async () => {
    await panel.setPassword()
    const { page } = await panel.open('/requests?status=404')
    await page.waitForURL(/\/login\?next=/)
    await page.getByLabel('Password').fill('a wrong guess')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('The name or the password is wrong.').waitFor()
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(/\/requests/)
    expect(new URL(page.url()).search).toBe('?status=404')
  })

  test('a login page that was asked to lead elsewhere stays in the panel', async () => {
    await panel.setPassword()
    const { page } = await panel.open('/login?next=https%3A%2F%2Fevil.test%2F')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(/\/dashboard/)
    expect(page.url()).toBe(`${panel.url}/dashboard`)
  })

  test.for(LOOKS)('every page can be used by everyone: $locale, $schemes', async ({ locale, schemes }) => {
    const isChinese = locale === 'zh-CN'
    const { page, mistakes } = await panel.open('', { locale, isUsedUp: true })
    const look = (state: string) => expectGood(page, { state: `${state} ${locale}`, schemes })
    await page.getByRole('button', { name: isChinese ? '登录' : 'Sign in', exact: true }).waitFor()
    await look('login')

    await page.locator('input[name=password]').fill(ONE_TIME_PASSWORD)
    await page.locator('button[type=submit]').click()
    await page.locator('input[name=repeated]').waitFor()
    await look('new password')
    await page.locator('input[name=chosen]').fill(PASSWORD)
    await page.locator('input[name=repeated]').fill(PASSWORD)
    await page.locator('button[type=submit]').click()

    await page.waitForURL(/\/setup$/)
    await page.goto(`${panel.url}/requests`)
    await page.getByText('curl -N').waitFor()
    await look('no requests')

    await panel.record(mixedSamples(Date.now()))
    await passTime(page)
    await page.getByRole('row', { name: /claude-opus-4-5/ }).waitFor()
    await look('requests')

    await page
      .getByRole('row', { name: /claude-opus-4-5/ })
      .getByRole('link')
      .click()
    await page.getByRole('dialog').getByText('/top_k', { exact: true }).waitFor()
    await look('detail')
    await page.keyboard.press('Escape')

    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await expectAccessible(page, { state: 'shortcuts', schemes })
    await page.keyboard.press('Escape')

    await page.goto(`${panel.url}/requests?model=nothing-like-this`)
    await page.getByRole('heading', { level: 2 }).last().waitFor()
    await expectAccessible(page, { state: 'filtered to nothing', schemes })

    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${panel.url}/requests`)
    await page.getByRole('listitem').filter({ hasText: 'claude-opus-4-5' }).waitFor()
    await expectAccessible(page, { state: 'requests on a phone', schemes })

    expect(mistakes).toEqual([])
  })

  test('text that a client or an upstream made up is shown as text', async () => {
    await panel.record(mixedSamples(Date.now()))
    const { page, mistakes } = await panel.openSignedIn('/requests')
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 })
      await page.goto(`${panel.url}/requests`)
      await page.getByText(CANARY).first().waitFor()
      await page.goto(`${panel.url}/requests?open=req-hostile`)
      const sheet = page.getByRole('dialog')
      await sheet.getByText(CANARY).first().waitFor()
      for (const more of await sheet.getByText('More').all()) await more.click()
      expect(await sheet.getByText(CANARY).count()).toBeGreaterThanOrEqual(8)
      expect(await page.locator('img').count()).toBe(0)
      expect(await page.title()).toBe('Requests · Relay')
    }
    expect(mistakes).toEqual([])
  })

  test('the list can be walked and opened by keyboard alone', async () => {
    await panel.record(mixedSamples(Date.now()))
    const { page, mistakes } = await panel.openSignedIn('/requests')
    await page.getByRole('row', { name: /claude-opus-4-5/ }).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    const sheet = page.getByRole('dialog')
    await sheet.getByText('req-lossy').waitFor()
    expect(page.url()).toContain('open=req-lossy')
    await page.keyboard.press('j')
    await sheet.getByText('req-unknown').waitFor()
    await page.keyboard.press('k')
    await page.keyboard.press('k')
    await sheet.getByText('req-clean').waitFor()
    await page.keyboard.press('Escape')
    await page.waitForURL(/\/requests$/)
    expect(await page.evaluate(`document.activeElement.getAttribute('data-request')`)).toBe('req-clean')

    await page.keyboard.press('?')
    await page.getByRole('dialog').getByText('Next', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('/')
    await page.keyboard.type('gpt-5.2-mini?jk')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.getByText('Nothing matches these filters').waitFor()
    expect(mistakes).toEqual([])
  })

  test('filters live in the address and survive a reload and the way back', async () => {
    await panel.record(mixedSamples(Date.now()))
    const { page } = await panel.openSignedIn('/requests')
    await page.getByLabel('Outcome').selectOption({ label: 'upstream error' })
    await page.waitForURL(/reason=upstream_error/)
    await page.getByRole('row', { name: /console/ }).waitFor()
    expect(await page.getByRole('row').count()).toBe(2)
    await page.reload()
    await page.getByRole('row', { name: /console/ }).waitFor()
    expect(await page.getByRole('row').count()).toBe(2)

    await page
      .getByRole('row', { name: /console/ })
      .getByRole('link')
      .click()
    await page.getByRole('dialog').getByText('≈').first().waitFor()
    await page.keyboard.press('Escape')
    await page.waitForURL(/\?reason=upstream_error$/)
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByRole('row', { name: /claude-opus-4-5/ }).waitFor()
    await page.waitForURL(/\/requests$/)
  })

  test('sums that hold estimates are marked as single counts are', async () => {
    await panel.record(mixedSamples(Date.now()))
    const { page, mistakes } = await panel.openSignedIn('/usage?by=account')
    await page.getByRole('row', { name: /console.*≈/ }).waitFor()
    const exact = page.getByRole('row').filter({ hasNotText: '≈' }).filter({ hasText: /%/ })
    expect(await exact.count()).toBeGreaterThan(0)
    expect(mistakes).toEqual([])

    const dashboard = await panel.openSignedIn('/dashboard')
    await dashboard.page.getByText('1 with estimated counts').waitFor()
    expect(dashboard.mistakes).toEqual([])
  })

  test('filters are kept under a name, come back in another window, and are forgotten', async () => {
    await panel.record(mixedSamples(Date.now()))
    const { page, context, mistakes } = await panel.openSignedIn('/requests?model=claude-opus-4-5&open=req-lossy')
    await page.getByRole('dialog').getByText('/top_k', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Save this view' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill(CANARY.slice(0, 60))
    await expectAccessible(page, { state: 'saved view', schemes: ['light', 'dark'] })
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Save this view' }).waitFor({ state: 'detached' })
    const other = await context.newPage()
    await other.goto(`${panel.url}/requests`)
    await other.getByRole('row', { name: /demo/ }).waitFor()
    const views = other.getByRole('group', { name: 'Saved views' })
    await views.getByRole('link').click()
    await other.waitForURL(/\?model=claude-opus-4-5$/)
    await other.getByRole('row', { name: /demo/ }).waitFor({ state: 'detached' })
    await expectGood(other, { state: 'requests with a view', schemes: ['light', 'dark'] })
    await views.getByRole('button', { name: /^Forget the view/ }).click()
    await views.getByRole('link').waitFor({ state: 'detached' })
    await other.reload()
    await views.getByRole('button', { name: 'Save this view' }).waitFor()
    expect(await other.locator('img').count()).toBe(0)
    expect(mistakes).toEqual([])
  })

  test('new requests appear by themselves, and older ones on demand', async () => {
    const now = Date.now()
    await panel.record(
      Array.from({ length: 60 }, (_, index) =>
        usageSample({ requestId: `req-${index}`, startedAt: now - index * 1000 }),
      ),
    )
    const { page } = await panel.openSignedIn('/requests', { isUsedUp: true })
    await page.locator('[data-request=req-49]').waitFor()
    expect(await page.locator('[data-request=req-50]').count()).toBe(0)
    await page.getByRole('button', { name: 'Load older requests' }).click()
    await page.locator('[data-request=req-59]').waitFor()
    await page.getByText('No older requests').waitFor()

    await panel.record([usageSample({ requestId: 'req-new', startedAt: now + 1000, modelAsked: 'claude-haiku-4-5' })])
    await passTime(page)
    await page.locator('[data-request=req-new]').waitFor()
    expect(await page.locator('[data-request]').count()).toBe(61)
  })

  test('when the relay goes away the list stays, and the reader is told', async () => {
    await panel.record(mixedSamples(Date.now()))
    const { page, context } = await panel.openSignedIn('/requests', { isUsedUp: true })
    await page.getByRole('row', { name: /claude-opus-4-5/ }).waitFor()
    await context.setOffline(true)
    await passTime(page)
    await page.getByText(/Could not refresh since/).waitFor()
    expect(await page.getByRole('row', { name: /claude-opus-4-5/ }).count()).toBe(1)
    await page.getByLabel('Outcome').selectOption({ label: 'rejected' })
    await page.getByRole('alert').getByText('The relay does not answer. Is it running?').waitFor()
    await context.setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText(CANARY).first().waitFor()
  })

  test('a list that grows old says so, and is told when the relay is back', async () => {
    await panel.addAccounts()
    const { page, context } = await panel.openSignedIn('/accounts', { isUsedUp: true })
    await page.getByText('cheap one').waitFor()
    await context.setOffline(true)
    await passTime(page)
    const note = page
      .getByRole('status')
      .getByText('The relay does not answer. Is it running? What is shown may be old.')
    await note.waitFor()
    expect(await page.getByText('cheap one').count()).toBe(1)
    await context.setOffline(false)
    await passTime(page)
    await note.waitFor({ state: 'hidden' })
    await context.clearCookies()
    await passTime(page)
    await page.getByRole('status').getByRole('link', { name: 'Sign in' }).click()
    await page.waitForURL(/login\?next=%2Fadmin-next%2Faccounts/)
  })

  test('a page whose files cannot be fetched does not blame the server', async () => {
    const { page, context } = await panel.openSignedIn('/requests')
    await page.locator('main h1').waitFor()
    await context.setOffline(true)
    await page.getByRole('link', { name: 'Usage and cost' }).click()
    await page.getByText('The relay does not answer. Is it running?').waitFor()
    expect(await page.getByText('Something went wrong on the server').count()).toBe(0)
  })

  test('a session elsewhere can be ended', async () => {
    const { page } = await panel.openSignedIn('/requests', { isUsedUp: true })
    await panel.record(mixedSamples(Date.now()))
    const other = await panel.openSignedIn('/requests', { isUsedUp: true })
    await other.page.getByRole('row', { name: /claude-opus-4-5/ }).waitFor()
    await page.goto(`${panel.url}/sessions`)
    await page.getByRole('button', { name: 'End session' }).click()
    await page.getByRole('button', { name: 'End session' }).waitFor({ state: 'hidden' })
    await page.getByText('this one').waitFor()
    await passTime(other.page)
    await other.page.getByRole('alert').getByText('Your session has ended. Sign in again.').waitFor()
    expect(await other.page.getByText('claude-opus-4-5').count()).toBe(0)
    expect((await other.context.request.get(`${panel.url}/../admin/api/requests`)).status()).toBe(401)
  })
})
