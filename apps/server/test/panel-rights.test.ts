import type { AdminRole } from '@relay/account-store'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'

import { isAtLeast } from '../src/admin-api/caller.ts'
import { ADMIN_API_PATH, adminRoleSchema } from '../src/admin-api/contract/index.ts'
import { startFilledPanel } from './filled-panel.ts'
import { eventually } from './harness.ts'
import { hasBrowser, launchBrowser } from './panel-browser.ts'
import type { AnswerFirst } from './panel-browser.ts'

const PATHS = [
  '/dashboard?range=7d',
  '/accounts',
  '/accounts/new',
  '/keys',
  '/keys/budgets',
  '/conversion',
  '/conversion?request=req-lossy',
  '/conversion/matrix',
  '/conversion/rules',
  '/conversion/captures',
  '/conversion/performance',
  '/conversion/accepted',
  '/requests?open=req-lossy',
  '/usage?range=7d',
  '/settings',
  '/settings/reference',
  '/settings/data-set',
  '/audit',
  '/sessions',
  '/setup',
]

/** Run in the page: whether everything has loaded. */
const HAS_LOADED = `document.querySelector('main .skeleton') === null`

/**
 * Run in the page: presses one of its buttons, then every entry of the menu and every button of the dialog that this opens,
 * with something in each field that needs it; says the button's name, or nothing when there is no such button.
 */
const press = (index: number): string => `(async () => {
  const frame = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))
  const seen = (root, what) => [...root.querySelectorAll(what)].filter((each) => each.checkVisibility() && !each.disabled)
  const write = (field, value) => {
    const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement
    Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, value)
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const fill = (root) => {
    for (const field of root.querySelectorAll('input:invalid, textarea:invalid')) {
      if (field.type === 'number') write(field, '5')
      else if (field.type === 'url') write(field, 'https://upstream.example')
      else if (field.type === 'checkbox') field.click()
      else if (field.type !== 'file') write(field, 'something long enough')
    }
  }
  const click = async (button) => {
    fill(button.form ?? button.closest('dialog') ?? document.createElement('form'))
    await frame()
    button.click()
    await frame()
    for (const dialog of document.querySelectorAll('dialog[open].box')) {
      for (const inner of seen(dialog, 'button').reverse()) {
        if (!dialog.open) break
        fill(dialog)
        await frame()
        inner.click()
        await frame()
      }
      dialog.close()
    }
    await frame()
  }
  const control = seen(document, 'main button, dialog.sheet[open] button')[${index}]
  if (control === undefined) return undefined
  const name = control.getAttribute('aria-label') ?? control.textContent.trim()
  await click(control)
  const entries = seen(document, '[role=menuitem]').length
  for (let entry = 0; entry < entries; entry += 1) {
    if (seen(document, '[role=menuitem]').length === 0) control.click()
    await frame()
    const item = seen(document, '[role=menuitem]')[entry]
    if (item !== undefined) await click(item)
  }
  return name
})()`

interface Route {
  readonly method: string
  readonly pattern: RegExp
  readonly role: string
}

/** The routes as the reference tells them. */
async function readRoutes(page: Page, url: string): Promise<readonly Route[]> {
  const answer = await page.request.get(new URL(`${ADMIN_API_PATH}/openapi.json`, url).href)
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, Record<string, string>>> }
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      role: operation['x-least-role'] ?? '',
    })),
  )
}

/** Without what stands for one object of many. */
function shapeOf(href: string): string {
  return href.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|req-[\w-]+|\d+/g, '*').replace(/\?.*/, '')
}

/** A way through the panel, and what it came to. */
interface Walk {
  readonly role: AdminRole
  /** The routes as the reference tells them; empty until the walk begins. */
  routes: readonly Route[]
  /** Which control was pressed last. */
  where: string
  /** Calls that change something. */
  readonly asked: Set<string>
  /** Calls, of any kind, that the role may not make, with the control that made them. */
  readonly refused: string[]
}

/** Writes down what the panel asks the server for. Nothing is changed, so that every page stays as it is for the next control. */
function watchCalls(walk: Walk): AnswerFirst {
  return ({ method, url }) => {
    const { pathname } = new URL(url)
    if (!pathname.startsWith(ADMIN_API_PATH) || walk.routes.length === 0) return undefined
    const call = { method, path: pathname.slice(ADMIN_API_PATH.length) }
    if (!mayCall(walk.routes, call, walk.role)) walk.refused.push(`${walk.where}: ${method} ${call.path}`)
    if (method === 'GET') return undefined
    walk.asked.add(`${method} ${call.path}`)
    return Response.json({ error: { code: 'store-unavailable', message: 'a test' } }, { status: 503 })
  }
}

/** Presses everything on every page that is there, and on every kind of page that they lead to. */
async function walkPanel(page: Page, url: string, walk: Walk): Promise<void> {
  walk.routes = await readRoutes(page, url)
  const loading = watchLoading(page)
  const queue = PATHS.map((path) => `${url}${path}`)
  const links = new Set(queue.map(shapeOf))
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const address = next
    walk.where = address.slice(url.length)
    await load(page, address, loading)
    if (isElsewhere(page, address) && links.has(shapeOf(page.url()))) continue // whoever it is not for is led to another page
    const fresh = (await readLinks(page)).filter((href) => !links.has(shapeOf(href)))
    for (const href of fresh) links.add(shapeOf(href))
    queue.push(...fresh.filter((href) => href.startsWith(url)))
    for (const href of fresh.filter((each) => each.includes(ADMIN_API_PATH))) {
      if ((await page.request.get(href)).status() !== 200) walk.refused.push(`${walk.where}: link to ${href}`)
    }
    await pressAll(page, async (name) => {
      walk.where = `${address.slice(url.length)} after ${name}`
      if (isElsewhere(page, address) || name === 'gone') await load(page, address, loading)
    })
  }
}

function isElsewhere(page: Page, address: string): boolean {
  return shapeOf(page.url()) !== shapeOf(address)
}

/** What the page waits for; it listens to what happens now as long as it is there. */
function watchLoading(page: Page): ReadonlySet<unknown> {
  const loading = new Set<unknown>()
  page.on('request', (request) => void (request.url().includes('/api/live') || loading.add(request)))
  page.on('requestfinished', (request) => void loading.delete(request))
  page.on('requestfailed', (request) => void loading.delete(request))
  return loading
}

async function load(page: Page, address: string, loading: ReadonlySet<unknown>): Promise<void> {
  await page.goto(address)
  await page.locator('main h1').first().waitFor()
  const hasLoaded = async (): Promise<boolean> => loading.size === 0 && page.evaluate<boolean>(HAS_LOADED)
  await eventually(`${address} still loads`, hasLoaded, 30_000)
}

/** Addresses of this server that the page leads to. */
async function readLinks(page: Page): Promise<readonly string[]> {
  const script = `[...document.querySelectorAll('main a[href], dialog a[href]')].map(({ href }) => href)`
  const found = await page.evaluate<readonly string[]>(script)
  return found.filter((href) => href.startsWith(new URL(page.url()).origin))
}

async function pressAll(page: Page, onpressed: (name: string) => Promise<void>): Promise<void> {
  // What a button adds to a form has buttons, too: it goes with the next load.
  const buttons = Number(
    await page.evaluate(`document.querySelectorAll('main button, dialog.sheet[open] button').length`),
  )
  for (let index = 0; index < buttons; index += 1) {
    const name: unknown = await page.evaluate(press(index)).catch(() => 'gone')
    if (typeof name !== 'string') return
    await onpressed(name)
  }
}

interface AdminCall {
  readonly method: string
  readonly path: string
}

function mayCall(routes: readonly Route[], { method, path }: AdminCall, role: AdminRole): boolean {
  const known = routes.find((route) => route.method === method && route.pattern.test(path))
  if (known?.role === 'anyone') return true
  const least = adminRoleSchema.safeParse(known?.role)
  return least.success && isAtLeast(role, least.data)
}

describe.skipIf(!hasBrowser)('what each role sees (skipped without a browser)', { timeout: 600_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  }, 60_000)
  afterAll(() => browser.close())

  // Each has a panel of its own, and both go at the same time.
  test.concurrent.for([
    { role: 'auditor', does: 'POST /prices/own/check', doesNot: 'POST /keys' },
    { role: 'operator', does: 'POST /captures/capturing', doesNot: 'POST /backups' },
  ] as const)(
    'an $role finds no control that would be refused',
    async ({ role, does, doesNot }, { expect, onTestFinished }) => {
      const walk: Walk = { role, routes: [], where: '', asked: new Set(), refused: [] }
      const panel = await startFilledPanel(browser, watchCalls(walk))
      onTestFinished(() => panel.close())
      const { page } = await panel.openAs(role, '/sessions')
      await walkPanel(page, panel.url, walk)
      expect(walk.refused).toEqual([])
      expect([...walk.asked]).toContain(does)
      expect([...walk.asked]).not.toContain(doesNot)
    },
  )
})
