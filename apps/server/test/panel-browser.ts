import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

import { createAdaptorServer } from '@hono/node-server'
import type { AccountStore, AdminRole, UsageRecord } from '@relay/account-store'
import { openSqliteStore } from '@relay/account-store'
import { createNetworkGuard, createSender } from '@relay/upstreams'
import { chatAnswer } from '@relay/upstreams/testing'
import type { AxeResults, RunOptions } from 'axe-core'
import { Hono } from 'hono'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'

import { createAdminApi } from '../src/admin-api/admin-api.ts'
import { ADMIN_API_PATH, PANEL_PATH } from '../src/admin-api/contract/index.ts'
import { writeCapture } from '../src/capture/captured-exchange.ts'
import { createPanel, findPanelDirectory } from '../src/http/panel.ts'
import { createPriceBook } from '../src/meter/prices/price-book.ts'
import { createPairTallies } from '../src/observe/pair-tally.ts'
import type { PairTallies } from '../src/observe/pair-tally.ts'
import { createBackupDesk } from '../src/upkeep/backup-desk.ts'
import { NO_DATA, noDataDesk, ONE_TIME_PASSWORD, PASSWORD } from './admin-harness.ts'
import { openDoor } from './panel-door.ts'
import { openWindow } from './panel-window.ts'
import type { PanelPage, WindowOptions } from './panel-window.ts'
import { CANARY } from './usage-samples.ts'
import { openWebhookDesk } from './webhook-stage.ts'

/** The first draws the same pages without the windows, menus and profiles of a whole browser: with two thirds of the work. */
const EXECUTABLES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
const EXECUTABLE = EXECUTABLES.find((file) => existsSync(file))
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page is left before machine code that was made with care has paid for itself.
  '--js-flags=--no-maglev,--no-turbofan',
]
const SCREENSHOTS = fileURLToPath(new URL('../reports/screenshots/', import.meta.url))
const WIDTHS = { phone: 390, tablet: 1024, wide: 1600 }
/** What pictures are taken of. */
const PICTURED = ['phone', 'tablet', 'wide'] as const
/** Run in the page: ends everything that moves, so that colours are measured as they stay. A part that leaves the page takes its animation with it, which rejects: that is rest, too. */
const SETTLE = `Promise.allSettled(document.getAnimations().map((animation) => {
  if (animation.effect.getComputedTiming().iterations === Infinity) return animation.cancel()
  animation.finish()
  return animation.finished
}))`
/** Run in the page: the colour behind everything. */
const GROUND = 'getComputedStyle(document.documentElement).backgroundColor'
/** Run in the page: how many pixels stick out sideways. */
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
/** A list asks for news more often than this. */
const POLL_MS = 6_000

/** Half as long as the source that the module exports. */
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const AXE_HEADERS = {
  'content-type': 'text/javascript; charset=utf-8',
  'cache-control': 'public, max-age=86400, immutable',
}
const AXE_PATH = `${PANEL_PATH}/axe.min.js`
/** Servers that give it to the browser, which keeps it: to bring it to a page takes longer than its look. */
const servesAxe = new Set<string>()

/** Whether pictures of the pages are written: they take as long as all the rest. */
export const wantsPictures = process.env.RELAY_PICTURES === '1'

/** Whether there is a browser to test with; without one the tests fail in CI and are skipped elsewhere. */
export const hasBrowser = EXECUTABLE !== undefined || process.env.CI === 'true'

export async function launchBrowser(): Promise<Browser> {
  if (EXECUTABLE === undefined) throw new Error(`there is no browser at ${EXECUTABLES.join(' or ')}`)
  return chromium.launch({ executablePath: EXECUTABLE, args: FLAGS })
}

/** The real panel on a real server with a real store. */
export interface RunningPanel {
  readonly url: string
  /** Adds usage records as the relay does. */
  record(samples: readonly UsageRecord[]): Promise<void>
  /** Opens a browser window of its own, with nothing remembered. */
  open(path: string, options?: WindowOptions): Promise<PanelPage>
  /** The same for someone who is signed in, without the way through the login page. */
  openSignedIn(path: string, options?: WindowOptions): Promise<PanelPage>
  /** The same for somebody of another role. */
  openAs(role: AdminRole, path: string): Promise<PanelPage>
  /** Adds accounts of which one rests, one is paused and one needs a person. */
  addAccounts(): Promise<void>
  /** Adds a key that is captured, limits of its owner and team, rules in use and on trial, an accepted loss, and what conversions took. */
  addConversions(): Promise<void>
  /** Replaces the one-time password, as at the first sign-in. */
  setPassword(): Promise<void>
  /** Gives the windows back that are open: for the next test. */
  closeWindows(): Promise<void>
  close(): Promise<void>
}

/** Answers a request in the place of the server, or leaves it to it. */
export type AnswerFirst = (request: Request) => Response | undefined

/**
 * Starts the admin API and the panel with the admin user of a first start.
 *
 * @param answerFirst - sees every request; the browser could intercept them, too, and would then load all files again for each page
 */
export async function startPanel(browser: Browser, answerFirst?: AnswerFirst): Promise<RunningPanel> {
  const store = await openSqliteStore({
    path: ':memory:',
    encryptionKey: 'e'.repeat(40),
    sessionSecret: 's'.repeat(40),
  })
  const user = await store.createAdminUser({ name: 'admin', password: ONE_TIME_PASSWORD, mustChangePassword: true })
  const pairs = createPairTallies()
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const sender = createSender({ guard: createNetworkGuard({ allow: [], allowLoopback: true }) })
  const app = new Hono()
  app.route(
    ADMIN_API_PATH,
    createAdminApi({
      store,
      sender,
      inFlight: () => 0,
      log,
      prices: createPriceBook(),
      refreshPrices: async () => undefined, // nothing is priced here
      pairs,
      webhooks: openWebhookDesk(store),
      network: { allowPrivate: ['10.1.0.0/16'], allowLoopback: true },
      backups: createBackupDesk(NO_DATA, store),
      data: noDataDesk(),
      version: '0.1.0',
    }),
  )
  app.get(AXE_PATH, () => new Response(AXE, { headers: AXE_HEADERS }))
  app.route(PANEL_PATH, createPanel({ directory: findPanelDirectory() }))
  const fetch = (request: Request, bindings: object) => answerFirst?.(request) ?? app.fetch(request, bindings)
  const server = createAdaptorServer({ fetch })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const door = await openDoor(browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const url = `${door.url}${PANEL_PATH}`
  servesAxe.add(door.url)
  const windows: PanelPage[] = []

  async function openPage(path: string, options: WindowOptions, token?: string): Promise<PanelPage> {
    const opened = await openWindow(browser, { url: `${url}${path}`, token, options })
    windows.push(opened)
    return opened
  }

  let hasPassword = false
  async function setPassword(): Promise<void> {
    // Setting it again would end the sessions that are open.
    if (!hasPassword) await store.setAdminPassword({ userId: user.id, password: PASSWORD })
    hasPassword = true
  }

  async function closeWindows(): Promise<void> {
    for (const window of windows.splice(0)) await window.close()
  }

  return {
    url,
    closeWindows,
    open: (path, options = {}) => openPage(path, options),
    async openSignedIn(path, options = {}) {
      await setPassword()
      const { token } = await store.createSession({ userId: user.id, userAgent: 'a browser of this test' })
      return openPage(path, options, token)
    },
    async openAs(role, path) {
      const person = { name: `some-${role}`, password: PASSWORD, mustChangePassword: false, role }
      const { id } = await store.createAdminUser(person)
      return openPage(path, { isUsedUp: true }, (await store.createSession({ userId: id })).token)
    },
    setPassword,
    addConversions: async () => addConversions(store, pairs),
    async addAccounts() {
      for (const name of ['main', 'console', 'spare', 'cheap one']) {
        await store.createAccount({ name, type: 'openai-chat', baseUrl: 'https://upstream.example' })
      }
      const [, limited, resting, broken] = await store.listAccounts()
      const cause = 'rate-limited'
      await store.startCooldown({ accountId: limited?.id ?? '', model: 'gpt-5.2', cause, durationMs: 400_000 })
      await store.startCooldown({ accountId: resting?.id ?? '', model: '*', cause: 'overloaded', durationMs: 95_000 })
      const attention = {
        since: Date.now(),
        reason: 'credential-refused',
        message: `The key was refused. ${CANARY}`,
      } as const
      await store.setAttention(broken?.id ?? '', attention)
    },
    async record(samples) {
      for (const sample of samples) expect(store.recordUsage(sample)).toBe(true)
      await store.flushUsage()
    },
    async close() {
      await closeWindows()
      door.close()
      servesAxe.delete(door.url)
      await new Promise((resolve) => server.close(resolve))
      await sender.close()
      await store.close()
    },
  }
}

/** Lets the time pass in which a list asks for news by itself; the window is used up. */
export async function passTime(page: Page): Promise<void> {
  await page.clock.fastForward(POLL_MS)
}

export type ColourScheme = 'light' | 'dark'

/** A state of a page, and in what colours it is looked at; light first. */
export interface Look {
  readonly state: string
  readonly schemes: readonly ColourScheme[]
}

/** The rules of axe that colours decide; they take longer than all others together. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block']

/**
 * Fails with the rule and the element when the page as it is now has an accessibility defect: all rules in the light,
 * and those that colours decide in the dark, too. Who looks in the light alone looks at another language of a page whose
 * colours are looked at elsewhere.
 */
export async function expectAccessible(page: Page, { state, schemes }: Look): Promise<void> {
  await inEachScheme(page, schemes, async (scheme) => {
    const violations = await runAxe(page, chooseRules(scheme, schemes))
    const defects = violations.map(
      ({ id, nodes }) =>
        `${state}, ${scheme}: ${id} at ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary})`).join(', ')}`,
    )
    expect(defects).toEqual([])
  })
}

function chooseRules(scheme: ColourScheme, schemes: Look['schemes']): RunOptions {
  if (scheme === 'dark') return { runOnly: COLOUR_RULES }
  if (schemes.includes('dark')) return {}
  return { rules: Object.fromEntries(COLOUR_RULES.map((rule) => [rule, { enabled: false }])) }
}

/** Axe is brought to a document once. */
async function bringAxe(page: Page): Promise<void> {
  if (await page.evaluate<boolean>(`'axe' in window`)) return
  const { origin } = new URL(page.url())
  await (servesAxe.has(origin) ? page.addScriptTag({ url: `${origin}${AXE_PATH}` }) : page.evaluate(AXE))
}

async function runAxe(page: Page, rules: RunOptions): Promise<AxeResults['violations']> {
  await bringAxe(page)
  // Only defects are read: without this axe also makes a selector for everything that is good.
  const options: RunOptions = { ...rules, resultTypes: ['violations'] }
  return page.evaluate(`axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`)
}

/** Looks at a page in these schemes, at rest; leaves it light. */
async function inEachScheme(
  page: Page,
  schemes: Look['schemes'],
  look: (scheme: ColourScheme) => Promise<void>,
): Promise<void> {
  const grounds = new Set<unknown>()
  for (const scheme of schemes) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.evaluate(SETTLE)
    grounds.add(await page.evaluate(GROUND))
    await look(scheme)
  }
  expect(grounds.size).toBe(schemes.length) // the page did change its colours
  await page.emulateMedia({ colorScheme: 'light' })
}

/** Checks that nothing sticks out on a phone, a tablet and a desk; `pnpm pictures` also writes what each looks like, by day and by night. */
async function takePictures(page: Page, { state, schemes }: Look): Promise<void> {
  const before = page.viewportSize()
  for (const device of PICTURED) {
    await page.setViewportSize({ width: WIDTHS[device], height: 900 })
    const overflow = await page.evaluate(OVERFLOW)
    expect(overflow, `${state} is wider than a ${device}`).toBeLessThanOrEqual(0)
    if (!wantsPictures) continue
    const name = state.replaceAll(/[^\w-]+/g, '-')
    mkdirSync(SCREENSHOTS, { recursive: true })
    await inEachScheme(page, schemes, async (scheme) => {
      await page.screenshot({ fullPage: true, path: `${SCREENSHOTS}${name}-${scheme}-${WIDTHS[device]}.png` })
    })
  }
  if (before !== null) await page.setViewportSize(before)
}

/** Fails when someone could not use the page as it is now, or something sticks out of a screen. */
export async function expectGood(page: Page, look: Look): Promise<void> {
  await expectAccessible(page, look)
  await takePictures(page, look)
}

/**
 * Every page in both languages and by day and by night: words may be too long in either, and colours too weak. Colours
 * are the same in every language, so that the night is looked at once, unless pictures of it are wanted.
 */
export const LOOKS: readonly { readonly locale: string; readonly schemes: readonly ColourScheme[] }[] = [
  { locale: 'en-GB', schemes: ['light', 'dark'] },
  { locale: 'zh-CN', schemes: wantsPictures ? ['light', 'dark'] : ['light'] },
]

/** What a hostile client and a hostile upstream leave in a capture is text, too. */
async function addConversions(store: AccountStore, pairs: PairTallies): Promise<void> {
  const { relayKey } = await store.createRelayKey({
    name: 'watched key',
    owner: 'ada',
    team: 'compilers',
    maxConcurrency: 4,
    rateLimits: [{ counts: 'requests', windowMs: 60_000, max: 60 }],
  })
  await store.setBudgetHolder({ kind: 'owner', name: 'ada', maxConcurrency: 8, note: 'builds the compilers' })
  await store.setBudgetHolder({ kind: 'team', name: 'compilers', budget: { dayMicroUsd: 5_000_000 } })
  await store.startCapturing({ keyId: relayKey.id, durationMs: 900_000, maxCaptures: 20, startedBy: 'ada' })
  const request = {
    model: 'claude-opus-4-5',
    max_tokens: 99,
    top_k: 4,
    messages: [{ role: 'user', content: `Grüße ${CANARY}` }],
  }
  const [account] = await store.listAccounts()
  const body = writeCapture({
    requestId: 'req-lossy',
    startedAt: Date.now(),
    clientFormat: 'anthropic-messages',
    upstreamFormat: 'openai-chat',
    model: 'claude-opus-4-5',
    upstreamModel: 'gpt-5.2',
    isStream: true,
    accountId: account?.id ?? '',
    accountName: CANARY,
    profile: {},
    clientHeaders: { 'user-agent': CANARY },
    request: Buffer.from(JSON.stringify({ ...request, stream: true })),
    sent: Buffer.from(JSON.stringify({ model: 'gpt-5.2', messages: request.messages })),
    status: 200,
    contentType: 'text/event-stream',
    answer: Buffer.from(chatAnswer({ text: CANARY }).sse),
    isCut: false,
  })
  await store.saveCapture({ requestId: 'req-lossy', keyId: relayKey.id, body, ttlMs: 3_600_000 })
  await store.writeSetting('rules', JSON.stringify(ruleSet('house-cap')))
  await store.writeSetting('rules.shadow', JSON.stringify(ruleSet('trial-cap')))
  const acceptedLosses = [{ code: 'cache_mark_dropped', by: 'ada', at: Date.now() }]
  if (account !== undefined) await store.updateAccount(account.id, { acceptedLosses })
  const conversion = {
    requestMs: 0.31,
    answerMs: 1.9,
    bytesIn: 48_000,
    bytesOut: 61_000,
    eventsIn: 240,
    eventsOut: 240,
    losses: [],
    rules: new Map(),
  }
  const sample = { isStream: true, reason: 'completed', status: 200, durationMs: 900, firstTokenMs: 200, failovers: [] }
  for (const upstream of ['openai-chat', 'anthropic-messages'])
    pairs.observe({ ...sample, client: 'anthropic-messages', upstream, overheadMs: 2.4, conversion })
}

function ruleSet(id: string): object {
  return {
    version: 1,
    rules: [{ id, phase: 'request.upstream', ops: [{ op: 'clamp', path: '/max_tokens', max: 64 }] }],
  }
}
