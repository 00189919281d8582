import { chatAnswer } from '@relay/upstreams/testing'
import type { FakeUpstream } from '@relay/upstreams/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { accountFor } from './harness.ts'
import type { OpenedRelay } from './harness.ts'
import { expectAccessible, hasBrowser } from './panel-browser.ts'
import { openPanelStage } from './panel-stage.ts'
import type { PanelStage } from './panel-stage.ts'
import type { PanelPage } from './panel-window.ts'

const schemes = ['light', 'dark'] as const
const DAY_MS = 86_400_000
/** Run in the page: how many pixels stick out of the open dialog sideways. */
const WIDER = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('dialog[open]'))`
/** Run in the page: the same of the page itself. */
const WIDER_PAGE = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
/** Run in the page: settings as the server has them, or after it was told others. */
const ASK = `async (path, body) => {
  const init = body === undefined ? {} : { method: 'PUT', body: JSON.stringify(body) }
  const headers = { 'content-type': 'application/json', 'x-relay-admin': '1' }
  return (await fetch('/admin/api/settings/' + path, { ...init, headers })).json()
}`

describe.skipIf(!hasBrowser)('keys and who owns them, in Chromium', { timeout: 90_000 }, () => {
  let stage: PanelStage
  let relay: OpenedRelay
  let upstream: FakeUpstream

  beforeAll(async () => {
    stage = await openPanelStage(chatAnswer({ text: 'Hello' }).script, (backend) => ({
      accounts: [accountFor(backend, 'chat')],
      key: { owner: 'ada', team: 'compilers' },
    }))
    ;({ relay, upstream } = stage)
  }, 60_000)
  afterAll(() => stage.close())

  const open = (path: string): Promise<PanelPage> => stage.open(path)
  const ask = (model = 'gpt-5.2'): Promise<Response> =>
    relay.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }] })

  test('a key is created and shown once, and everyone can use the form', async () => {
    const { page, close, mistakes } = await open('/keys')
    await page.getByRole('row', { name: /tests/ }).waitFor()
    await page.keyboard.press('n')
    await page.getByRole('dialog').getByLabel('Name').fill('laptop')
    await page.getByText('Permissions and limits').click()
    await page.getByLabel('Requests at once').fill('2')
    await page.getByLabel('Requests that may wait').fill('5')
    await expectAccessible(page, { state: 'key form', schemes })
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('region', { name: 'Key', exact: true }).waitFor()
    await expectAccessible(page, { state: 'new key', schemes })
    await page.getByRole('button', { name: 'I have stored it' }).click()
    await page.getByRole('row', { name: /laptop/ }).waitFor()
    const made = (await relay.store.listRelayKeys()).find(({ name }) => name === 'laptop')
    expect(made).toMatchObject({ maxConcurrency: 2, concurrencyQueue: { maxWaiting: 5, maxWaitMs: 10_000 } })

    await page.getByRole('button', { name: 'Actions for laptop' }).click()
    await page.getByRole('menuitem', { name: 'Requests' }).click()
    await page.waitForURL(new RegExp(`key=${made?.id}`))
    expect(mistakes).toEqual([])
    await close()
  })

  test('a form stays while text in it is marked, and a key that is shown once until it is stored', async () => {
    const { page, close, mistakes } = await open('/keys')
    await page.getByRole('row', { name: /tests/ }).waitFor()
    await page.keyboard.press('n')
    const name = page.getByRole('dialog').getByLabel('Name')
    await name.fill('marked')
    await name.hover()
    await page.mouse.down()
    await page.mouse.move(20, 400)
    await page.mouse.up()
    expect(await name.inputValue()).toBe('marked')

    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
    const secret = page.getByRole('region', { name: 'Key', exact: true })
    await secret.waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.mouse.click(20, 400)
    expect(await secret.isVisible()).toBe(true)
    await page.getByRole('button', { name: 'I have stored it' }).click()
    await secret.waitFor({ state: 'hidden' })
    expect(mistakes).toEqual([])
    await close()
  })

  test('on a phone the form has no more than its width, however long a name is', async () => {
    const name = 'a-name-without-a-gap-'.padEnd(100, 'x')
    const account = await relay.store.createAccount({ name, type: 'openai-chat', baseUrl: upstream.url })
    const { page, close } = await stage.open('/keys', { viewport: { width: 390, height: 800 } })
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByText('Permissions and limits').click()
    await page.getByLabel(name).waitFor()
    expect(await page.evaluate(WIDER)).toBe(0)
    await close()
    await relay.store.removeAccount(account.id)
  })

  test('whatever people call things, the lists of keys and accounts are as wide as the screen', async () => {
    const long = 'a-name-without-a-gap-'.padEnd(100, 'x')
    const tags = ['t'.repeat(50)]
    const limits = { budget: { dayMicroUsd: 5_000_000 } }
    await relay.store.setBudgetHolder({ kind: 'owner', name: long, ...limits })
    const { relayKey: key } = await relay.store.createRelayKey({ name: long, owner: long, team: long, tags, ...limits })
    const account = await relay.store.createAccount({
      name: long,
      type: 'openai-chat',
      baseUrl: upstream.url,
      tags,
      groups: ['g'.repeat(50)],
    })
    const { page, close } = await open('/keys')
    for (const path of ['/keys', '/keys/budgets', '/accounts', `/accounts/${account.id}`]) {
      await page.goto(`${relay.url}/admin-next${path}`)
      for (const width of [390, 1024, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        await page.locator('main').getByText(long).locator('visible=true').first().waitFor()
        expect([path, width, await page.evaluate(WIDER_PAGE)]).toEqual([path, width, 0])
      }
    }
    await close()
    await relay.store.removeAccount(account.id)
    await relay.store.revokeRelayKey(key.id)
    await relay.store.removeBudgetHolder({ kind: 'owner', name: long })
  })

  test('of a list of hundreds the first are shown, and all can be found', async () => {
    const names = Array.from({ length: 330 }, (_, index) => `many ${index}`)
    const made = await Promise.all(names.map(async (name) => relay.store.createRelayKey({ name, owner: 'ada' })))
    const { page, close, mistakes } = await open('/keys')
    const rows = page.getByRole('table').getByRole('row')
    await page.getByText(/^300 of \d+ are shown$/).waitFor()
    await expect.poll(() => rows.count()).toBe(301)
    await expectAccessible(page, { state: 'many keys', schemes: ['light'] })
    await page.getByRole('button', { name: 'Show more' }).click()
    await page.getByText('many 329', { exact: true }).waitFor()
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0)
    await page.goto(`${relay.url}/admin-next/keys?q=many+329`)
    await page.getByText('many 329', { exact: true }).waitFor()
    expect(mistakes).toEqual([])
    await close()
    await Promise.all(made.map(async ({ relayKey }) => relay.store.revokeRelayKey(relayKey.id)))
  })

  test('what is wrong in a folded part of the form is shown', async () => {
    const { page, close } = await open('/keys')
    await page.getByRole('row', { name: /tests/ }).waitFor()
    await page.keyboard.press('n')
    const form = page.getByRole('dialog')
    await form.getByLabel('Name').fill('unfinished')
    await form.getByText('Permissions and limits').click()
    await form.getByLabel('Requests at once').fill('many')
    await form.getByText('Permissions and limits').click()
    await form.getByRole('button', { name: 'Create key' }).click()
    await expect.poll(() => form.getByLabel('Requests at once').isVisible()).toBe(true)
    await form.getByLabel('Requests at once').fill('2')
    await form.getByLabel('Or so many days').fill('a week')
    await form.getByRole('button', { name: 'Create key' }).click()
    await form.locator('input:focus:invalid').waitFor()
    await close()
  })

  test('what the server says of a field is said in the language of the reader', async () => {
    const { page, close } = await stage.open('/keys', { locale: 'zh-CN' })
    await page.getByRole('button', { name: '创建密钥' }).first().click()
    const form = page.getByRole('dialog')
    await form.getByLabel('名称').fill('from-nowhere')
    await form.locator('summary').click()
    await form.getByLabel('每天的起始时区').fill('Nowhere')
    await form.getByRole('button', { name: '创建密钥' }).click()
    await form.getByText('budget.timeZone 是 "Nowhere"，这不是 IANA 时区名').waitFor()
    expect((await relay.store.listRelayKeys()).map(({ name }) => name)).not.toContain('from-nowhere')
    await close()
  })

  test('an edit changes what was edited, and nothing else', async () => {
    const { page, close, mistakes } = await open('/keys')
    const evening = new Date(Date.now() + DAY_MS).setHours(18, 30, 0, 0)
    const entered = { name: 'until the evening', owner: 'ada', expiresAt: evening }
    const { relayKey: key } = await relay.store.createRelayKey(entered)
    await page.getByRole('button', { name: 'Actions for until the evening' }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Note').fill('a note')
    await form.getByLabel('US dollars a day').fill('2')
    await relay.store.updateRelayKey(key.id, { maxConcurrency: 7, budget: { weekMicroUsd: 9 } }) // in another window, meanwhile
    await form.getByRole('button', { name: 'Save' }).click()
    await form.waitFor({ state: 'hidden' })
    expect(await relay.store.getRelayKey(key.id)).toMatchObject({
      note: 'a note',
      maxConcurrency: 7,
      budget: { dayMicroUsd: 2_000_000, weekMicroUsd: 9 },
      expiresAt: evening,
    })
    expect(mistakes).toEqual([])
    await close()
  })

  test('a renewal lengthens, and many keys are revoked after a question', async () => {
    const { page, close, mistakes } = await open('/keys')
    const end = Date.now() + 90 * DAY_MS
    const { relayKey: key } = await relay.store.createRelayKey({ name: 'long-lived', owner: 'ada', expiresAt: end })
    await page.getByRole('button', { name: 'Actions for long-lived' }).click()
    await page.getByRole('menuitem', { name: 'Renew for 30 days' }).click()
    await expect.poll(async () => (await relay.store.getRelayKey(key.id))?.expiresAt).toBe(end + 30 * DAY_MS)

    await page
      .getByRole('row', { name: /long-lived/ })
      .getByRole('checkbox')
      .check()
    await page.getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('dialog').getByText('Revoke the selected keys (1)?').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    expect((await relay.store.getRelayKey(key.id))?.revokedAt).toBeUndefined()
    expect(mistakes).toEqual([])
    await close()
  })

  test('a key whose requests are recorded says so', async () => {
    const { page, close, mistakes } = await open('/keys')
    const [key] = await relay.store.listRelayKeys()
    await relay.store.startCapturing({ keyId: key?.id ?? '', durationMs: 60_000, maxCaptures: 5, startedBy: 'ada' })
    await page.getByRole('link', { name: /recorded until/ }).click()
    await page.waitForURL(/\/conversion\/captures$/)
    await page.getByText('started by ada').waitFor()
    expect(mistakes).toEqual([])
    await relay.store.stopCapturing(key?.id ?? '')
    await close()
  })

  test('an edit of limits changes what was edited, and new ones are never put over those of another', async () => {
    const place = { kind: 'team', name: 'editors' } as const
    await relay.store.setBudgetHolder({ ...place, note: 'before', budget: { dayMicroUsd: 5_000_000 } })
    const { page, close, mistakes } = await open('/keys/budgets')
    await page.getByRole('button', { name: 'Actions for editors' }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('US dollars a day').fill('7')
    const meanwhile = { note: 'by another', maxConcurrency: 3, budget: { monthMicroUsd: 9_000_000 } }
    await relay.store.setBudgetHolder({ ...place, ...meanwhile })
    await form.getByRole('button', { name: 'Save' }).click()
    await form.waitFor({ state: 'hidden' })
    const edited = await relay.store.getBudgetHolder(place)
    const budget = { dayMicroUsd: 7_000_000, monthMicroUsd: 9_000_000 }
    expect(edited).toMatchObject({ note: 'by another', maxConcurrency: 3, budget })

    await page.getByRole('button', { name: 'Set limits' }).click()
    await form.getByLabel('Whose').selectOption({ label: 'team' })
    await form.getByLabel('Name').fill('editors')
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('There are limits of this name already').waitFor()
    expect(await relay.store.getBudgetHolder(place)).toEqual(edited)
    await relay.store.removeBudgetHolder(place)
    expect(mistakes).toEqual([])
    await close()
  })

  test('a team gets a limit that refuses its next request, is changed, and let go', async () => {
    const { page, close, mistakes } = await open('/keys')
    await page.getByRole('link', { name: 'Owners and teams' }).click()
    await page.getByText('Nobody has limits yet').waitFor()
    await page.getByRole('button', { name: 'Set limits' }).first().click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Whose').selectOption({ label: 'team' })
    await form.getByLabel('Name').fill('compilers')
    await form.getByLabel('Limits per time').fill('1 request / 1h')
    await form.getByRole('button', { name: 'Save' }).click()
    await form.getByText('is not of the form').waitFor()
    await form.getByLabel('Limits per time').fill('1 requests / 1h')
    await form.getByLabel('US dollars a day').fill('5')
    await expectAccessible(page, { state: 'limits form', schemes })
    await form.getByRole('button', { name: 'Save' }).click()
    const row = page.getByRole('row', { name: /compilers/ })
    await row.getByText('0 of 1').waitFor()
    await expect.poll(async () => (await ask()).status, { timeout: 20_000 }).toBe(429) // a limit holds within a second
    await row.getByText('1 of 1').waitFor()

    await row.getByRole('button', { name: 'Actions for compilers' }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    await page.getByRole('dialog').getByLabel('Limits per time').fill('500 requests / 1h')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await row.getByText('of 500').waitFor()
    await expect.poll(async () => (await ask()).status, { timeout: 20_000 }).toBe(200)
    expect((await relay.store.getBudgetHolder({ kind: 'team', name: 'compilers' }))?.budget.dayMicroUsd).toBe(5_000_000)

    await row.getByRole('button', { name: 'Actions for compilers' }).click()
    await page.getByRole('menuitem', { name: 'Take the limits away' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take the limits away' }).click()
    await page.getByText('Nobody has limits yet').waitFor()
    expect(await relay.store.listBudgetHolders()).toEqual([])
    expect(mistakes).toEqual([])
    await close()
  })

  test('a model alias that is entered in the settings serves the next request', async () => {
    const { page, close, mistakes } = await open('/settings')
    const section = page.getByRole('region', { name: 'Routing' })
    await section.getByRole('button', { name: 'Add an alias' }).click()
    await section.getByLabel('Asked for').fill('fast')
    await section.getByRole('button', { name: 'Save routing' }).click()
    await section.locator('input:focus:invalid').waitFor() // half a line is told, not left out
    await section.getByLabel('Looked for').fill('gpt-5-mini')
    await section.getByRole('button', { name: 'Add a chain' }).click()
    await section.getByLabel('Model', { exact: true }).fill('gpt-5-mini')
    await section.getByLabel('Tried next').fill('gpt-5.2, gpt-4.1')
    await section.getByLabel('Among accounts of one priority').selectOption({ label: 'by weight' })
    await section.getByLabel('Tell clients the account').check()
    await section.getByRole('button', { name: 'Save routing' }).click()
    await page.getByText('The routing holds on every node').first().waitFor()
    await expect
      .poll(async () => (await ask('fast')).headers.get('x-relay-account'), { timeout: 20_000 })
      .toBe('chat%20upstream')
    expect(JSON.parse(String(upstream.requests.at(-1)?.body))).toMatchObject({ model: 'gpt-5-mini' })
    await page.reload()
    await section.getByLabel('Asked for').waitFor()
    expect(await section.getByLabel('Tried next').inputValue()).toBe('gpt-5.2, gpt-4.1')
    await expectAccessible(page, { state: 'routing', schemes })
    expect(mistakes).toEqual([])
    await close()
  })

  test('settings that another changes meanwhile stay as they are', async () => {
    const { page, close, mistakes } = await open('/settings')
    const read = async (path: string): Promise<object> => page.evaluate(`(${ASK})('${path}')`)
    const write = async (path: string, body: object): Promise<object> =>
      page.evaluate(`(${ASK})('${path}', ${JSON.stringify(body)})`)
    await write('routing', {}) // an earlier test has left its own
    await page.reload()
    await page.getByLabel('Tell clients the account').check()
    await write('routing', { strategy: 'weighted' })
    await page.getByRole('button', { name: 'Save routing' }).click()
    await expect.poll(() => read('routing')).toMatchObject({ settings: { strategy: 'weighted', showsAccount: true } })

    const keeping = await read('retention')
    const retention = page.getByRole('region', { name: 'Retention' })
    await retention.getByLabel('Log of actions').fill('77')
    await write('retention', { ...keeping, recordDays: 33 })
    await retention.getByRole('button').click()
    await expect.poll(() => read('retention')).toMatchObject({ recordDays: 33, auditDays: 77 })
    await write('retention', keeping)
    await write('routing', {})
    expect(mistakes).toEqual([])
    await close()
  })

  test('an auditor sees everything, and no button that would be refused', async () => {
    const { page, close, mistakes } = await stage.openAsAuditor('/keys')
    await page.getByRole('button', { name: 'Actions for tests' }).click()
    expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Requests'])
    expect(await page.getByRole('button', { name: 'Create key' }).count()).toBe(0)
    await page.goto(`${relay.url}/admin-next/accounts`)
    await page.getByRole('button', { name: 'Actions for chat upstream' }).click()
    expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Usage', 'Requests', 'Errors'])
    await page.goto(`${relay.url}/admin-next/settings`)
    await page.getByRole('region', { name: 'Routing' }).getByText('Among accounts').waitFor()
    expect(await page.getByRole('button', { name: 'Save routing' }).count()).toBe(0)
    expect(mistakes).toEqual([])
    await close()
  })
})
