import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { expectGood, hasBrowser, launchBrowser } from './panel-browser.ts'
import { CANARY } from './usage-samples.ts'

const ADMIN = fileURLToPath(new URL('../../admin/', import.meta.url))
const KEPT = fileURLToPath(new URL('../../../docs/playground/index.html', import.meta.url))

describe.skipIf(!hasBrowser)('the playground in Chromium (skipped without one)', { timeout: 120_000 }, () => {
  let browser: Browser
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'relay-playground-'))
    const vite = join(ADMIN, 'node_modules/vite/bin/vite.js')
    const options = { cwd: ADMIN, env: { ...process.env, PLAYGROUND_OUTPUT: folder } }
    await promisify(execFile)(process.execPath, [vite, 'build', '--config', 'playground/vite.config.ts'], options)
    browser = await launchBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Opens a page from the disk, without any network. */
  async function open(file: string, locale = 'en-GB'): Promise<{ page: Page; mistakes: string[] }> {
    const context = await browser.newContext({ offline: true, locale, viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    const mistakes: string[] = []
    page.on('pageerror', (error) => mistakes.push(error.message))
    page.on('console', (message) => message.type() === 'error' && mistakes.push(message.text()))
    page.on('request', (request) => !request.url().startsWith('file:') && mistakes.push(request.url()))
    await page.goto(pathToFileURL(file).href)
    await page.getByRole('heading', { level: 1 }).waitFor()
    return { page, mistakes }
  }

  test('a pasted request is converted, and what is lost is named', async () => {
    const { page, mistakes } = await open(join(folder, 'index.html'))
    await page.getByText('The stream is complete').waitFor()
    const body = { model: 'm', max_tokens: 9, top_k: 4, messages: [{ role: 'user', content: 'A question of my own' }] }
    await page.getByLabel('The JSON body as the client sends it').fill(JSON.stringify(body))
    await page.getByRole('region', { name: 'Upstream request' }).getByText('A question of my own').last().waitFor()
    await page.getByRole('list', { name: 'Losses' }).getByText('/top_k').waitFor()

    await page.getByLabel('Upstream speaks').selectOption({ label: 'OpenAI Responses' })
    await page.getByText('/responses', { exact: true }).waitFor()
    await page.getByLabel('The JSON body as the client sends it').fill('{"model":')
    await page.getByText('The request cannot be converted').waitFor()
    expect(mistakes).toEqual([])
  })

  test('text that was pasted is shown as text', async () => {
    const { page, mistakes } = await open(join(folder, 'index.html'))
    const body = { model: CANARY, max_tokens: 9, [CANARY]: CANARY, messages: [{ role: 'user', content: CANARY }] }
    await page.getByLabel('The JSON body as the client sends it').fill(JSON.stringify(body))
    await page.getByRole('region', { name: 'Upstream request' }).getByText(CANARY.slice(0, 9)).first().waitFor()
    await page.getByRole('button', { name: 'Show with marks' }).click()
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).toBe('Relay playground')
    expect(mistakes).toEqual([])
  })

  test.for(['en-GB', 'zh-CN'])('it can be used by everyone: %s', async (locale) => {
    const { page, mistakes } = await open(join(folder, 'index.html'), locale)
    const look = { state: `playground-${locale.slice(0, 2)}`, schemes: ['light', 'dark'] } as const
    await page.getByRole('group').first().waitFor()
    expect(mistakes).toEqual([]) // axe itself asks for the style sheet afterwards, which no page on a disk may
    await expectGood(page, look)
  })

  test('the page that is kept in the repository works', async () => {
    const { page, mistakes } = await open(KEPT)
    await page.getByText('The stream is complete').waitFor()
    await page.getByRole('list', { name: 'Losses' }).getByText('/top_k').waitFor()
    expect(mistakes).toEqual([])
  })
})
