import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { chatAnswer } from '@relay/upstreams/testing'
import { expect, test } from 'vitest'

import { hasBrowser, wantsPictures } from './panel-browser.ts'
import { openPanelStage } from './panel-stage.ts'

const IMAGES = fileURLToPath(new URL('../../../docs/guides/images/', import.meta.url))
/** What the walk through the two selects shows, in the words of each language. */
const LANGUAGES = [
  { language: 'en', locale: 'en-GB', connection: 'Connection', formats: 'Formats', name: 'my backend' },
  { language: 'zh', locale: 'zh-CN', connection: '连接', formats: '格式', name: '我的后端' },
] as const

test.skipIf(!hasBrowser).for(LANGUAGES)(
  'the walk of the guide to the OpenAI format goes as its pictures show, in $language (skipped without a browser)',
  { timeout: 120_000 },
  async ({ language, locale, name }, context) => {
    mkdirSync(IMAGES, { recursive: true })
    const stage = await openPanelStage(chatAnswer({ text: 'Hello' }).script, () => ({ accounts: [] }))
    context.onTestFinished(() => stage.close())
    const { page, mistakes } = await stage.open('/accounts/new', { locale, viewport: { width: 860, height: 1200 } })
    await page.locator('select[name=type]').selectOption('ccr')
    await page.locator('input[name=name]').fill(name)
    await page.locator('input[name=baseUrl]').fill('https://backend.example')
    await page.locator('input[name=credential]').fill('sk-backend-credential')
    await page.locator('select[name=apiFormat]').selectOption('openai-chat')
    await page.locator('select[name=responseFormat]').selectOption('openai')
    await page.getByText('→ https://backend.example/v1/chat/completions').waitFor()
    await page.mouse.click(2, 2) // nothing is in focus
    const picture = async (part: string, selector: string): Promise<void> => {
      const section = page.locator('section', { has: page.locator(selector) }).first()
      const bytes = await section.screenshot(
        wantsPictures ? { path: `${IMAGES}openai-format-${part}-${language}.png` } : {},
      )
      expect(bytes.byteLength).toBeLessThan(100_000)
    }
    await picture('connection', 'select[name=type]')
    await picture('selects', 'select[name=apiFormat]')
    expect(mistakes).toEqual([])
  },
)
