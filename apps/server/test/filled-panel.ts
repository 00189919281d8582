import type { Browser } from 'playwright-core'

import { type AnswerFirst, type RunningPanel, startPanel } from './panel-browser.ts'
import { busyDays, mixedSamples } from './usage-samples.ts'

/** A panel with something on every page: a week of requests, accounts, and conversions that were recorded. */
export async function startFilledPanel(browser: Browser, answerFirst?: AnswerFirst): Promise<RunningPanel> {
  const panel = await startPanel(browser, answerFirst)
  const now = Date.now()
  await panel.record([...mixedSamples(now), ...busyDays(now, 7)])
  await panel.addAccounts()
  await panel.addConversions()
  return panel
}
