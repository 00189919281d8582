import { readFileSync } from 'node:fs'

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { PASSWORD } from './admin-harness.ts'
import { expectGood, hasBrowser, launchBrowser, LOOKS } from './panel-browser.ts'
import { openWindow } from './panel-window.ts'
import type { PanelPage } from './panel-window.ts'
import { openSignedInRelay } from './signed-in-relay.ts'
import type { SignedInRelay } from './signed-in-relay.ts'

const LIMIT_MS = 150_000
const PASSPHRASE = 'a passphrase of several words'

describe.skipIf(!hasBrowser)('the data set in Chromium (skipped without one)', { timeout: LIMIT_MS }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  }, 60_000)
  afterAll(() => browser.close())

  async function open(relay: SignedInRelay, locale = 'en-GB'): Promise<PanelPage> {
    return openWindow(browser, {
      url: `${relay.url}/admin-next/settings/data-set`,
      token: relay.token(),
      // with a clock of its own: the signing in behind a restart is timed as it always was
      options: { locale, acceptDownloads: true, isUsedUp: true },
    })
  }

  test('an export is made, looked at and put in place; then everybody signs in anew', async (context) => {
    const relay = await openSignedInRelay(context)
    await relay.call('POST', '/accounts', { name: 'kept', type: 'openai-chat', baseUrl: 'https://a.example' })
    const { page, close, mistakes } = await open(relay)
    const out = page.getByRole('region', { name: 'Export', exact: true })
    await out.getByLabel('Passphrase').fill(PASSPHRASE)
    await out.getByRole('button', { name: 'Make the export' }).click()
    await out.getByText('Its secrets are sealed under the passphrase.').waitFor()
    const download = page.waitForEvent('download')
    await out.getByRole('link', { name: 'Download' }).click()
    const path = await (await download).path()
    expect(readFileSync(path).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))

    await relay.call('POST', '/accounts', { name: 'later', type: 'openai-chat', baseUrl: 'https://b.example' })
    const back = page.getByRole('region', { name: 'Import an export' })
    await back.getByLabel('File').setInputFiles(path)
    await back.getByRole('button', { name: 'Look at it first' }).click()
    await back.getByText('sealed under a passphrase').waitFor()
    await expectGood(page, { state: 'data import', schemes: ['light', 'dark'] })
    await back.getByLabel('Passphrase of the file').fill('not the one that it was')
    await back.getByRole('button', { name: 'Put it in place' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Put it in place' }).click()
    await back.getByRole('alert').getByText('the passphrase does not open its secrets').waitFor()
    await back.getByLabel('Passphrase of the file').fill(PASSPHRASE)
    await back.getByRole('button', { name: 'Put it in place' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Put it in place' }).click()
    await page.getByRole('dialog', { name: 'Relay starts again' }).waitFor()
    await page.waitForURL(/\/login$/)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(/\/dashboard/)
    await relay.signInAgain()
    expect(await relay.names()).toEqual(['kept'])
    expect(mistakes.filter((mistake) => !/ERR_CONNECTION|503/.test(mistake))).toEqual([])
    await close()
  })

  test('work that nobody takes on is told of as any other call', async (context) => {
    const { page, close } = await open(await openSignedInRelay(context))
    const out = page.getByRole('region', { name: 'Export', exact: true })
    const make = out.getByRole('button', { name: 'Make the export' })
    const html = { status: 502, contentType: 'text/html', body: '<html>Bad gateway</html>' }
    await page.route('**/data/export', (route) => route.fulfill(html))
    await make.click()
    await out.getByText('The relay does not answer.').waitFor()

    await page.unroute('**/data/export')
    await page.context().clearCookies()
    await make.click()
    await out.getByText('Your session has ended.').waitFor()
    const way = page.getByRole('status').getByRole('link', { name: 'Sign in' })
    expect(await way.getAttribute('href')).toContain('/login')
    await close()
  })

  test('a backup is put back, Claude Relay Service taken over, and the key rotated', async (context) => {
    const relay = await openSignedInRelay(context, {})
    await relay.call('POST', '/backups')
    await relay.call('POST', '/accounts', { name: 'later', type: 'openai-chat', baseUrl: 'https://b.example' })
    const { page, close } = await open(relay)
    const key = page.getByRole('region', { name: 'Encryption key' })
    await key.getByRole('button', { name: 'Rotate the key' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate the key' }).click()
    await key.getByText('sealed under the new key').waitFor()

    const over = page.getByRole('region', { name: 'Take over from Claude Relay Service' })
    const origin = {
      'ccr_account:r1': { id: 'r1', name: 'relay', apiUrl: 'https://relay.example', apiKey: 'x', isActive: 'true' },
      'claude:account:s1': { id: 's1', name: '<img src=x onerror=alert(1)>' },
      'apikey:k1': { id: 'k1', name: 'team', apiKey: 'ab'.repeat(32), isActive: 'true' },
    }
    const buffer = Buffer.from(JSON.stringify(origin))
    await over.getByLabel('File').setInputFiles({ name: 'crs.json', mimeType: 'application/json', buffer })
    await over.getByLabel('Its ENCRYPTION_KEY').fill('origin-encryption-key-32-characters')
    await over.getByRole('button', { name: 'Look at it first' }).click()
    await over.getByText('<img src=x onerror=alert(1)>').waitFor()
    await over.getByText('What becomes of every field').click()
    await expectGood(page, { state: 'data import crs', schemes: ['light', 'dark'] })
    await over.getByRole('button', { name: 'Take it over' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take it over' }).click()
    await over.getByText('Taken over: 1 account, 1 key').waitFor()
    await over.getByLabel('From').selectOption('redis')
    await over.getByLabel('Address').fill('redis://10.9.8.7:6379/0')
    await over.getByRole('button', { name: 'Look at it first' }).click()
    await over.getByRole('alert').getByText('RELAY_ALLOW_PRIVATE').waitFor()

    const back = page.getByRole('region', { name: 'Restore a backup' })
    await back.getByRole('button', { name: 'Look at it first' }).click()
    await back.getByRole('alert').getByText('key').waitFor() // it was sealed under the key before
    await relay.call('POST', '/backups')
    await relay.call('POST', '/accounts', { name: 'last', type: 'openai-chat', baseUrl: 'https://c.example' })
    await page.reload()
    await back.getByRole('button', { name: 'Look at it first' }).click()
    await back.getByText('The backup is whole.').waitFor()
    await back.getByRole('button', { name: 'Put it back' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Put it back' }).click()
    await page.waitForURL(/\/login$/)
    await relay.signInAgain()
    expect(await relay.names()).toEqual(['later', 'relay'])
    await close()
  })

  test.for(LOOKS)('can be read by everyone in $locale', async ({ locale, schemes }, context) => {
    const relay = await openSignedInRelay(context)
    const { page, close, mistakes } = await open(relay, locale)
    await page.getByRole('heading', { name: locale === 'zh-CN' ? '加密密钥' : 'Encryption key' }).waitFor()
    await expectGood(page, { state: `data ${locale}`, schemes })
    expect(mistakes).toEqual([])
    await close()
  })
})
