import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'

/** Longest wait for anything on a page. */
const PATIENCE_MS = 40_000
const DESKTOP = { width: 1280, height: 900 }
/** What tests listen to. */
const HEARD = ['pageerror', 'console', 'request', 'requestfinished', 'requestfailed', 'download'] as const
/** Run in the page: forgets what the panel has written down. */
const FORGET = 'localStorage.clear(), sessionStorage.clear()'

/** A page, and everything that went wrong on it. */
export interface PanelPage {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of scripts, the console and the content security policy. */
  readonly mistakes: string[]
  /** Gives it back, for the next test. */
  close(): Promise<void>
}

export interface WindowOptions extends BrowserContextOptions {
  /** The test lets time pass, or brings scripts of its own: nobody else gets this window afterwards. */
  readonly isUsedUp?: boolean
}

/** Where a window of the browser begins. */
export interface WindowStart {
  readonly url: string
  /** A session of someone who is signed in. */
  readonly token?: string | undefined
  readonly options?: WindowOptions | undefined
}

/**
 * Windows that were given back, by what they were opened with. A new one takes four times as long as the next page of an old one: a
 * process begins, and the panel's files are fetched and compiled again.
 */
const given = new WeakMap<Browser, Map<string, Page[]>>()

/** Opens a window of the browser with nothing remembered but the session. */
export async function openWindow(browser: Browser, { url, token, options = {} }: WindowStart): Promise<PanelPage> {
  const { isUsedUp = false, viewport = DESKTOP, ...rest } = options
  const free = freeWindows(browser, JSON.stringify(rest))
  const page = (isUsedUp ? undefined : free.pop()) ?? (await openPage(browser, { isUsedUp, options: rest }))
  const context = page.context()
  if (viewport !== null) await page.setViewportSize(viewport)
  if (token !== undefined) await context.addCookies([{ name: 'relay-session', value: token, url: new URL(url).origin }])
  const mistakes: string[] = []
  page.on('pageerror', (error) => mistakes.push(error.message))
  page.on('console', (message) => message.type() === 'error' && mistakes.push(message.text()))
  await page.goto(url)
  return {
    page,
    context,
    mistakes,
    async close() {
      if (isUsedUp) return context.close()
      await wipe(page)
      free.push(page)
    },
  }
}

function freeWindows(browser: Browser, kind: string): Page[] {
  const kinds = given.get(browser) ?? new Map<string, Page[]>()
  given.set(browser, kinds)
  const free = kinds.get(kind) ?? []
  kinds.set(kind, free)
  return free
}

interface NewPage {
  readonly isUsedUp: boolean
  readonly options: BrowserContextOptions
}

async function openPage(browser: Browser, { isUsedUp, options }: NewPage): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: DESKTOP, ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  if (isUsedUp) await context.clock.install() // it goes on as always, until the test lets time pass
  return context.newPage()
}

/** Takes away all that a test has left. */
async function wipe(page: Page): Promise<void> {
  const context = page.context()
  for (const event of HEARD) page.removeAllListeners(event)
  await Promise.all(context.pages().map(async (each) => (each === page ? undefined : each.close())))
  await context.setOffline(false)
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await page.goto(new URL('/admin-next/favicon.svg', page.url()).href)
  await page.evaluate(FORGET)
  await context.clearCookies()
  await page.mouse.move(0, 0)
  await page.emulateMedia({ colorScheme: null, media: null })
  const session = await context.newCDPSession(page)
  await session.send('Page.resetNavigationHistory')
  await session.detach()
}
