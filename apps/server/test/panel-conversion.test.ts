import { chatAnswer } from '@relay/upstreams/testing'
import type { FakeUpstream } from '@relay/upstreams/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { writeCapture } from '../src/capture/captured-exchange.ts'
import { accountFor } from './harness.ts'
import type { OpenedRelay } from './harness.ts'
import { expectAccessible, hasBrowser } from './panel-browser.ts'
import { openPanelStage } from './panel-stage.ts'
import type { PanelStage } from './panel-stage.ts'
import type { PanelPage } from './panel-window.ts'
import { CANARY, usageSample } from './usage-samples.ts'

const ANSWER = `warm ${CANARY}`
const CAP = { id: 'house-cap', phase: 'request.upstream', ops: [{ op: 'clamp', path: '/max_tokens', max: 64 }] }

describe.skipIf(!hasBrowser)('the inspector at a relay (skipped without a browser)', { timeout: 90_000 }, () => {
  let stage: PanelStage
  let relay: OpenedRelay
  let upstream: FakeUpstream

  beforeAll(async () => {
    stage = await openPanelStage(chatAnswer({ text: ANSWER }).script, (backend) => ({
      accounts: [
        accountFor(backend, 'chat', { name: CANARY }),
        accountFor(backend, 'chat', { name: 'paused one', schedulable: false }),
      ],
    }))
    ;({ relay, upstream } = stage)
    await relay.store.writeSetting('rules', JSON.stringify({ version: 1, rules: [CAP] }))
  }, 60_000)
  afterAll(() => stage.close())

  const open = (path: string, options?: { readonly locale: string }): Promise<PanelPage> => stage.open(path, options)

  test('a dry run says who would get it and why, and sends nothing', async () => {
    const { page, close, mistakes } = await open('/conversion')
    const asked = upstream.requests.length
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByText(`It would go to ${CANARY}`).waitFor()
    await page.getByText('paused one: paused').waitFor()
    await page.getByText('Rules: ').getByText('house-cap').waitFor()
    await page.getByRole('region', { name: 'Body as it would be sent' }).waitFor()
    await expectAccessible(page, { state: 'dry run', schemes: ['light', 'dark'] })
    expect(upstream.requests).toHaveLength(asked)
    expect(await page.locator('img').count()).toBe(0)
    expect(mistakes).toEqual([])
    await close()
  })

  test('a request is really sent once, after a question, and its answer is shown', async () => {
    const { page, close, mistakes } = await open('/conversion')
    const asked = upstream.requests.length
    await page.getByLabel('Account', { exact: true }).selectOption({ label: CANARY })
    await page.getByRole('button', { name: 'Send it' }).click()
    await page.getByRole('dialog').getByText(`Send this to ${CANARY}?`).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    expect(upstream.requests).toHaveLength(asked)
    await page.getByRole('button', { name: 'Send it' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Send it' }).click()
    await expect.poll(() => upstream.requests.length, { timeout: 20_000 }).toBe(asked + 1)
    await page.getByText('complete', { exact: false }).first().waitFor()
    expect(upstream.requests.at(-1)?.url).toBe('/v1/chat/completions')
    expect(JSON.parse(String(upstream.requests.at(-1)?.body))).toMatchObject({ max_tokens: 64 })
    const { entries } = await relay.store.listAudit()
    expect(entries[0]).toMatchObject({ action: 'conversion.send', object: { name: CANARY } })
    await page.goto(`${relay.url}/admin-next/audit`)
    await page.getByText('Request sent by hand').waitFor()
    expect(await page.locator('img').count()).toBe(0)
    expect(mistakes).toEqual([])
    await close()
  })

  test('a request without a capture is explained by what is known of it', async () => {
    const loss = { code: 'sampling-dropped', level: 'degraded', path: '/top_k', message: CANARY } as const
    const sample = usageSample({
      requestId: 'req-known',
      startedAt: Date.now(),
      losses: [loss],
      modelAsked: 'claude-known-1',
    })
    relay.store.recordUsage({ ...sample, modelServed: 'gpt-4o-mini' })
    await relay.store.flushUsage()
    const { page, close, mistakes } = await open('/requests?open=req-known')
    const sheet = page.getByRole('dialog')
    await sheet.getByText('The upstream answered as gpt-4o-mini').waitFor()
    await sheet.getByRole('link', { name: 'Explain' }).click()
    await page.getByText('Opened from request req-known').waitFor()
    await page.getByRole('region', { name: 'What was lost then' }).getByText('/top_k').waitFor()
    await page.getByText(`It would go to ${CANARY} as claude-known-1`).waitFor()
    expect(await page.locator('main textarea').first().inputValue()).toContain('"claude-known-1"')
    expect(await page.locator('img').count()).toBe(0)
    expect(mistakes).toEqual([])
    await close()
  })

  test('a capture that cannot be converted is compared with nothing, and nothing is said of losses', async () => {
    const [[key], [account]] = [await relay.store.listRelayKeys(), await relay.store.listAccounts()]
    const body = writeCapture({
      requestId: 'req-cut',
      startedAt: Date.now(),
      clientFormat: 'anthropic-messages',
      upstreamFormat: 'openai-chat',
      model: 'claude-opus-4-5',
      upstreamModel: 'gpt-5.2',
      isStream: true,
      accountId: account?.id ?? '',
      accountName: 'any',
      profile: {},
      clientHeaders: {},
      request: Buffer.from('{"model":"claude-opus-4-5","messages":[{"role":"user","content":"a long'),
      sent: Buffer.from('{"model":'),
      status: 200,
      contentType: 'text/event-stream',
      answer: Buffer.from(''),
      isCut: true,
    })
    const keyId = key?.id ?? ''
    await relay.store.startCapturing({ keyId, durationMs: 60_000, maxCaptures: 1, startedBy: 'ada' })
    await relay.store.saveCapture({ requestId: 'req-cut', keyId, body, ttlMs: 60_000 })
    const { page, close, mistakes } = await open('/conversion/captures/req-cut')
    await page.getByRole('button', { name: 'Replay and compare' }).click()
    await page.getByText('It cannot be converted: the recording was cut at 1 MB').first().waitFor()
    expect(await page.getByText('No difference.').count()).toBe(0)
    expect(await page.getByText('Losses of the replay').count()).toBe(0)
    expect(mistakes).toEqual([])
    await close()
    const chinese = await open('/conversion/captures/req-cut', { locale: 'zh-CN' })
    await chinese.page.getByRole('button', { name: '重放并比较' }).click()
    await chinese.page.getByText('录制在 1 MB 处被截断，没有结尾').first().waitFor()
    expect(chinese.mistakes).toEqual([])
    await chinese.close()
  })

  test('rules that are being written are left, and replaced, only on purpose', async () => {
    const { page, close, mistakes } = await open('/conversion/rules')
    const editor = page.getByRole('textbox', { name: 'Rules as JSON' })
    const dialog = page.getByRole('dialog')
    const place = page.getByLabel('Rules of')
    await editor.fill(JSON.stringify({ version: 1, rules: [{ ...CAP, id: 'being-written' }] }))
    await page.getByRole('link', { name: 'Fidelity' }).click()
    await dialog.getByText('Leave without saving?').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await place.selectOption({ label: 'paused one' })
    await dialog.getByText('Leave without saving?').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await expect.poll(() => place.inputValue()).toBe('global')
    expect(await editor.inputValue()).toContain('being-written')

    await page.getByRole('button', { name: 'Take into use' }).click()
    await page.getByText('Version 1').waitFor()
    await editor.fill(JSON.stringify({ version: 1, rules: [] }))
    await page.getByRole('button', { name: 'Load into the editor: Version 1' }).click()
    await dialog.getByText('Put it in place of what you have written?').waitFor()
    await dialog.getByRole('button', { name: 'Load into the editor' }).click()
    await expect.poll(() => editor.inputValue()).toContain('being-written')
    await place.selectOption({ label: 'paused one' })
    await page.waitForURL(/place=/)
    await expect.poll(() => editor.inputValue()).toBe('')
    expect(await place.inputValue()).not.toBe('global')
    expect(mistakes).toEqual([])
    await close()
  })

  test('who saves rules after somebody else is told, keeps what was written, and may go on', async () => {
    const [mine, theirs] = [await open('/conversion/rules'), await open('/conversion/rules')]
    for (const [{ page }, id] of [
      [theirs, 'theirs'],
      [mine, 'mine'],
    ] as const) {
      const rules = JSON.stringify({ version: 1, rules: [{ ...CAP, id }] })
      await page.getByRole('textbox', { name: 'Rules as JSON' }).fill(rules)
      await page.getByRole('textbox', { name: 'Why' }).fill(`because of ${id}`)
    }
    await theirs.page.getByRole('button', { name: 'Take into use' }).click()
    await theirs.page.getByText('because of theirs').waitFor()
    await mine.page.getByRole('button', { name: 'Take into use' }).click()
    await mine.page.getByText('Somebody else has saved rules meanwhile').first().waitFor()
    await mine.page.getByText('because of theirs').waitFor()
    expect(await mine.page.getByRole('textbox', { name: 'Rules as JSON' }).inputValue()).toContain('"mine"')
    await mine.page.getByRole('button', { name: 'Take into use' }).click()
    await mine.page.getByText('because of mine').waitFor()
    expect(await relay.store.readSetting('rules')).toContain('"mine"')
    await relay.store.writeSetting('rules', JSON.stringify({ version: 1, rules: [CAP] }))
    await Promise.all([mine.close(), theirs.close()])
  })

  test('what rules and their tests are called is shown as text', async () => {
    const { page, close, mistakes } = await open('/conversion/rules')
    const rules = {
      version: 1,
      rules: [CAP],
      tests: [
        { name: CANARY, phase: 'request.upstream', input: { max_tokens: 99 }, expect: { applied: ['house-cap'] } },
      ],
    }
    await page.getByRole('textbox', { name: 'Rules as JSON' }).fill(JSON.stringify(rules))
    await page.getByRole('listitem').getByText(CANARY).first().waitFor()
    await page
      .getByRole('textbox', { name: 'Rules as JSON' })
      .fill(JSON.stringify({ ...rules, rules: [{ ...CAP, id: CANARY }] }))
    await page.getByText('line 1').first().waitFor()
    expect(await page.locator('img').count()).toBe(0)
    expect(mistakes).toEqual([])
    await close()
  })
})
