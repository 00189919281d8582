import Anthropic from '@anthropic-ai/sdk'
import { chatAnswer, claudeAnswer } from '@relay/upstreams/testing'
import type { FakeUpstream } from '@relay/upstreams/testing'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { OpenedRelay } from './harness.ts'
import { expectGood, hasBrowser, LOOKS } from './panel-browser.ts'
import { openPanelStage } from './panel-stage.ts'
import type { PanelStage } from './panel-stage.ts'
import { CANARY } from './usage-samples.ts'

/** The account types as the form calls them. */
const TYPES = [
  { type: 'ccr', label: 'Custom relay backend (CCR)' },
  { type: 'claude-console', label: 'Claude Console' },
  { type: 'responses', label: 'Responses server' },
  { type: 'openai-responses', label: 'OpenAI' },
  { type: 'openai-chat', label: 'OpenAI-compatible' },
] as const
const CREDENTIAL = 'upstream-credential-4711'

async function hasFocus(field: Locator): Promise<boolean> {
  return field.evaluate((each) => each === each.ownerDocument.activeElement)
}

describe.skipIf(!hasBrowser)('accounts in Chromium (skipped without one)', { timeout: 90_000 }, () => {
  let stage: PanelStage
  let relay: OpenedRelay
  let upstream: FakeUpstream

  beforeAll(async () => {
    stage = await openPanelStage(
      (request, index) =>
        (request.url.endsWith('/messages')
          ? claudeAnswer({ text: 'from Claude' })
          : chatAnswer({ text: 'from OpenAI' })
        ).script(request, index),
      () => ({ accounts: [] }),
    )
    ;({ relay, upstream } = stage)
  }, 60_000)
  afterAll(() => stage.close())

  const open = (path: string, locale = 'en-GB') => stage.open(path, { locale })

  /** What a Claude client gets through the relay, streamed. */
  async function askAsClaude(model: string): Promise<string> {
    const client = new Anthropic({ baseURL: relay.url, apiKey: relay.key, maxRetries: 0 })
    const stream = client.messages.stream({ model, max_tokens: 64, messages: [{ role: 'user', content: 'Hello' }] })
    const message = await stream.finalMessage()
    return message.content.map((block) => (block.type === 'text' ? block.text : block.type)).join('')
  }

  async function rulesOf(account: string): Promise<unknown> {
    return (await relay.store.listAccounts()).find(({ name }) => name === account)?.errorClasses
  }

  async function fillNew(page: Page, { type, label }: (typeof TYPES)[number]): Promise<void> {
    await page.getByRole('link', { name: 'Add account' }).first().click()
    await page.waitForURL(/\/accounts\/new/) // the list has a field of that name, too
    await page.getByLabel('Type', { exact: true }).selectOption({ label })
    await page.getByLabel('Name', { exact: true }).fill(`my ${type}`)
    await page.getByLabel('Base URL', { exact: true }).fill(upstream.url)
    await page.getByLabel('Key', { exact: true }).fill(CREDENTIAL)
    await page.getByLabel('API format').selectOption({ label: 'OpenAI - /v1/chat/completions' })
    await page.getByLabel('Response format').selectOption({ label: 'OpenAI - converted to Claude' })
    await page.getByRole('button', { name: 'Add a line' }).click()
    await page.getByLabel('Asked for').fill(`claude-for-${type}`)
    await page.getByLabel('Sent', { exact: true }).fill('gpt-5.2')
  }

  test.for(TYPES)(
    'an account of type $type serves Claude clients from an OpenAI backend, and is switched',
    async (entry) => {
      const { page, close, mistakes } = await open('/accounts')
      const model = `claude-for-${entry.type}`
      await fillNew(page, entry)
      await page.getByText(`→ ${upstream.url}/v1/chat/completions`).waitFor()
      await page.getByText(`The key goes to 127.0.0.1:${upstream.port}, and nowhere else.`).waitFor()
      await page.getByRole('button', { name: 'Add account' }).click()
      await page.getByRole('heading', { level: 1, name: `my ${entry.type}` }).waitFor()
      expect(await askAsClaude(model)).toBe('from OpenAI')
      expect(upstream.requests.at(-1)?.url).toBe('/v1/chat/completions')

      await page.getByRole('link', { name: 'Edit' }).click()
      await page.getByLabel('API format').selectOption({ label: 'Claude - /v1/messages' })
      await page.getByLabel('Response format').selectOption({ label: 'Claude - native' })
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('heading', { level: 1, name: `my ${entry.type}` }).waitFor()
      await expect.poll(async () => askAsClaude(model)).toBe('from Claude')
      expect(upstream.requests.at(-1)?.headers).not.toHaveProperty('x-relay-key')
      expect(mistakes).toEqual([])
      await close()
    },
  )

  test('an account is tested before it is saved, and a new address asks for the key again', async () => {
    const { page, close, mistakes } = await open('/accounts')
    await fillNew(page, TYPES[4])
    await page.getByLabel('Name', { exact: true }).fill('tested first')
    await page.getByRole('button', { name: 'Test now' }).click()
    await page.getByText('This account can serve.').waitFor()
    await page.getByRole('button', { name: 'Add account' }).click()
    await page.getByRole('heading', { level: 1, name: 'tested first' }).waitFor()

    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByText('One is stored that ends in 4711').waitFor()
    await page.getByLabel('Base URL', { exact: true }).fill('https://elsewhere.example/v1')
    await page.getByText('The address is another one, so the key has to be entered again.').waitFor()
    await page.getByText('The key goes to elsewhere.example, and nowhere else.').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').getByText('The address changes, so the key has to be entered again.').waitFor()

    await page.getByRole('link', { name: 'Requests', exact: true }).click()
    await page.getByRole('dialog').getByText('Leave without saving?').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('heading', { level: 1, name: 'Edit tested first' }).waitFor()
    await page.getByRole('link', { name: 'Requests', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click()
    await page.waitForURL(/\/requests$/)
    expect(mistakes.filter((mistake) => !mistake.includes('409'))).toEqual([])
    await close()
  })

  test('a preset fills in addresses and name, and an address of one’s own takes its place', async () => {
    const { page, close, mistakes } = await open('/accounts/new')
    const preset = page.getByLabel('Preset')
    await preset.selectOption({ label: 'OpenRouter' })
    for (const path of ['api/v1/messages', 'api/v1/chat/completions', 'api/v1/responses'])
      await page.getByText(`→ https://openrouter.ai/${path}`).waitFor()
    await preset.selectOption({ label: 'DeepSeek' })
    await page.getByText('→ https://api.deepseek.com/anthropic/v1/messages').waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('deepseek')
    await page.getByLabel('Base URL', { exact: true }).fill(upstream.url)
    await page.getByText(`The key goes to 127.0.0.1:${upstream.port}, and nowhere else.`).waitFor()
    await page.getByLabel('Model', { exact: true }).fill('deepseek-chat')
    await page.getByRole('button', { name: 'Test now' }).click()
    await page.getByText('This account can serve.').waitFor()
    expect(mistakes).toEqual([])
    await close()
  })

  test('what is missing and what the server refuses is marked, and the focus goes there', async () => {
    const { page, close } = await open('/accounts/new')
    const name = page.getByLabel('Name', { exact: true })
    const address = page.getByLabel('Base URL', { exact: true })
    const add = page.getByRole('button', { name: 'Add account' })
    await add.click()
    await page.getByText('This is needed.').first().waitFor()
    await expect.poll(() => hasFocus(name)).toBe(true)
    await name.fill('nowhere')
    await address.fill('nonsense')
    await add.click()
    await expect.poll(() => hasFocus(address)).toBe(true)
    await close()
  })

  test('rules about errors are filled in, kept, and taken away again', async () => {
    const { page, close, mistakes } = await open('/accounts')
    await fillNew(page, TYPES[4])
    await page.getByLabel('Name', { exact: true }).fill('odd errors')
    await page.getByRole('button', { name: 'Add a rule' }).click()
    const rule = page.getByRole('group', { name: 'Rule 1' })
    await expect.poll(() => hasFocus(rule.getByLabel('Status'))).toBe(true)
    await page.getByRole('button', { name: 'Add account' }).click()
    await page.getByRole('alert').getByText('Each rule needs a status').waitFor()
    await rule.getByLabel('Status').fill('403')
    await rule.getByLabel('Text in the body').fill('quota')
    await rule.getByLabel('Header', { exact: true }).fill('X-Error')
    await rule.getByLabel('Counts as').selectOption({ label: 'quota used up: a person has to look' })
    await page.getByRole('button', { name: 'Add account' }).click()
    await page.getByRole('heading', { level: 1, name: 'odd errors' }).waitFor()
    expect(await rulesOf('odd errors')).toEqual([
      { status: 403, body: 'quota', header: { name: 'x-error' }, class: 'quota-used-up' },
    ])
    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByRole('heading', { level: 1, name: 'Edit odd errors' }).waitFor()
    expect(await rule.getByLabel('Header', { exact: true }).inputValue()).toBe('x-error')
    await expectGood(page, { state: 'account form with rules', schemes: ['light', 'dark'] })
    await page.getByRole('button', { name: 'Remove rule 1' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { level: 1, name: 'odd errors', exact: true }).waitFor()
    expect(await rulesOf('odd errors')).toEqual([])
    expect(mistakes).toEqual([])
    await close()
  })

  test('what the form itself finds wrong is shown, in place of what the server said before', async () => {
    const { page, close, mistakes } = await open('/accounts')
    await fillNew(page, TYPES[4])
    await page.getByLabel('Name', { exact: true }).fill('never saved')
    await page.getByLabel('Priority', { exact: true }).fill('1001')
    await page.getByRole('button', { name: 'Add account' }).click()
    const refused = page.getByRole('alert').getByText('The server did not accept this input.')
    await refused.waitFor()
    await page.getByLabel('Extra headers').fill('no colon')
    await page.getByRole('button', { name: 'Add account' }).click()
    await page.getByRole('alert').getByText('what is marked has to be put right').waitFor()
    await page.locator('textarea[aria-invalid=true]:focus').waitFor()
    expect(await refused.count()).toBe(0)
    expect(mistakes.filter((mistake) => !mistake.includes('400'))).toEqual([])
    await close()
  })

  test('the list is searched, filtered in the address, and worked on by menu and in bulk', async () => {
    await relay.store.createAccount({ name: CANARY.slice(0, 90), type: 'ccr', baseUrl: upstream.url, tags: [CANARY] })
    await relay.store.createAccount({
      name: 'to be paused',
      type: 'openai-chat',
      baseUrl: upstream.url,
      groups: ['night'],
    })
    const { page, close, mistakes } = await open('/accounts?group=night')
    const row = page.getByRole('row', { name: /to be paused/ })
    await row.waitFor()
    expect(await page.getByRole('row').count()).toBe(2)
    await row.getByRole('button', { name: 'Actions for to be paused' }).click()
    await page.getByRole('menuitem', { name: 'Pause' }).click()
    await row.getByText('paused', { exact: true }).waitFor()
    await page.getByLabel('State').selectOption({ label: 'ok' })
    await page.getByText('No account matches').waitFor()
    await page.getByRole('link', { name: 'Clear filters' }).click()
    await row.waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('to be')
    await page.waitForURL(/q=to\+be/)
    await page.getByLabel('Select to be paused').check()
    await page.getByRole('button', { name: 'Resume' }).click()
    await row.getByText('ok', { exact: true }).waitFor()
    await row.getByRole('button', { name: 'Actions for to be paused' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await row.waitFor({ state: 'hidden' })
    expect(await page.locator('img').count()).toBe(0)
    expect(mistakes).toEqual([])
    await close()
  })

  test('the id that an answer carried leads to its request', async () => {
    const answer = await relay.post('/v1/messages', { model: 'nobody-serves-this', max_tokens: 5, messages: [] })
    const id = answer.headers.get('x-relay-request-id') ?? ''
    await answer.text()
    const { page, close, mistakes } = await open('/requests')
    await page.getByLabel('Model or request id').fill(id)
    await page.waitForURL(new RegExp(`open=${id}`))
    await page.getByRole('dialog').getByText(id).first().waitFor()
    expect(mistakes).toEqual([])
    await close()
  })

  test('an account is copied again and again, each time under a name of its own', async () => {
    const { page, close, mistakes } = await open('/accounts')
    const name = 'copied '.padEnd(98, 'x')
    await relay.store.createAccount({ name, type: 'openai-chat', baseUrl: upstream.url })
    for (const _ of [1, 2]) {
      await page.goto(`${relay.url}/admin-next/accounts`)
      await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
      await page.getByRole('menuitem', { name: 'Clone' }).click()
      await page.waitForURL(/\/edit$/)
    }
    const copies = (await relay.store.listAccounts())
      .map((account) => account.name)
      .filter((one) => one.startsWith('copied'))
    expect(copies).toEqual([name, `${name} c`, `${name.slice(0, 98)} 2`])
    expect(mistakes).toEqual([])
    await close()
  })

  test('why an account is out is said in the language of the reader', async () => {
    const entered = { name: 'out of order', type: 'openai-chat', baseUrl: upstream.url } as const
    const { id } = await relay.store.createAccount(entered)
    const at = Date.now()
    const message = 'Upstream refused the credential of its account (status 401)'
    await relay.store.setAttention(id, { since: at, reason: 'credential-refused', message })
    const wire = 'no connection to backend.example (ECONNREFUSED)'
    await relay.store.recordAccountError(id, { at, status: undefined, reason: 'overloaded', message: wire })
    const { page, close, mistakes } = await open('/accounts?q=out+of+order', 'zh-CN')
    await page.getByRole('row').getByText('上游拒绝了该账户的凭据（状态 401）').waitFor()
    await page.getByTitle('上游拒绝了该账户的凭据（状态 401）').first().waitFor()
    await page.getByRole('link', { name: 'out of order' }).click()
    await page.getByText('上游拒绝了该账户的凭据（状态 401）', { exact: true }).waitFor()
    await page.getByText('上游过载或无法连接 · 无法连接 backend.example（ECONNREFUSED）').waitFor()
    expect(mistakes).toEqual([])
    await close()
    await relay.store.removeAccount(id)
  })

  test.for(LOOKS)('every page of accounts can be used by everyone: $locale', async ({ locale, schemes }) => {
    const { page, close, mistakes } = await open('/accounts', locale)
    const look = (state: string) => expectGood(page, { state: `${state} ${locale}`, schemes })
    await page.getByRole('table').waitFor()
    await look('accounts')
    await page.getByRole('link', { name: 'my ccr' }).click()
    await page.getByRole('heading', { level: 1, name: 'my ccr' }).waitFor()
    await page.getByRole('heading', { level: 2 }).nth(5).waitFor()
    await look('account')
    await page.goto(`${relay.url}/admin-next/accounts/new`)
    await page.locator('input[name=baseUrl]').fill('http://backend.example')
    await page.getByText('→ http://backend.example/v1/messages').waitFor()
    await look('account form')
    expect(mistakes).toEqual([])
    await close()
  })
})
