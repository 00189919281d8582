import { spokenFormats } from '../choose-format.ts'
import { accountTypes } from '../types/account-types.ts'
import { presets } from '../types/presets.ts'
import type { ApiFormat, UpstreamAccount } from '../upstream.ts'
import { describeError, judgeAnswer } from './judge-answer.ts'
import { type ProbeTarget, sendProbe } from './send-probe.ts'
import type { AccountTestStep } from './test-account.ts'
import { buildTestBody } from './test-requests.ts'

/** Whether an upstream speaks a format, and under which base URL. */
export interface FormatFinding extends AccountTestStep {
  readonly apiFormat: ApiFormat
  /** Where it was asked last; where it answered, if it did. */
  readonly baseUrl: string
}

const API_FORMATS: readonly ApiFormat[] = ['claude', 'openai-chat', 'openai-responses']

/** The converter's names, by which an answer is judged. */
const ANSWERS = {
  claude: 'anthropic-messages',
  'openai-chat': 'openai-chat',
  'openai-responses': 'openai-responses',
} as const

/** Places of one format at most, so that a probe stays small. */
const MAX_PLACES = 3

/** Asks for each format where the account's own host may speak it. */
export async function findFormats(target: ProbeTarget, model: string): Promise<readonly FormatFinding[]> {
  const found: FormatFinding[] = []
  for (const apiFormat of API_FORMATS) {
    const finding = await findFormat(target, model, apiFormat)
    if (finding !== undefined) found.push(finding)
  }
  return found
}

async function findFormat(
  target: ProbeTarget,
  model: string,
  apiFormat: ApiFormat,
): Promise<FormatFinding | undefined> {
  let last: FormatFinding | undefined
  for (const baseUrl of placesOf(target.account, apiFormat)) {
    last = await askFormat(target, model, { apiFormat, baseUrl })
    if (last.outcome === 'passed') return last
  }
  return last
}

interface Place {
  readonly apiFormat: ApiFormat
  readonly baseUrl: string
}

async function askFormat(target: ProbeTarget, model: string, { apiFormat, baseUrl }: Place): Promise<FormatFinding> {
  const body = buildTestBody(apiFormat, model, 'whole')
  const reply = await sendProbe(target, { apiFormat, baseUrl, body, isStream: false })
  const place = { apiFormat, baseUrl, latencyMs: reply.latencyMs }
  if (reply.type === 'failed') return { ...place, outcome: 'failed', message: reply.message }
  const { status, received, text } = reply
  const secret = target.credential
  const isTrouble = status < 200 || status >= 300
  const { isGood, message } = isTrouble
    ? { isGood: false, message: describeError(status, text, secret) }
    : judgeAnswer({ name: 'whole', status, body: reply.body, answerFormat: ANSWERS[apiFormat], secret })
  const speaks = isGood && message.includes(ANSWERS[apiFormat])
  return { ...place, outcome: speaks ? 'passed' : 'failed', status, message, received }
}

/** Only hosts that the credential was entered for: it goes nowhere else. */
function placesOf(account: UpstreamAccount, apiFormat: ApiFormat): readonly string[] {
  const own = account.formatBaseUrls?.[apiFormat]
  const base = account.baseUrl ?? accountTypes[account.type].defaultBaseUrl
  if (base === undefined || !URL.canParse(base)) return own === undefined ? [] : [own]
  const host = new URL(base).host
  const isOfHost = (url: string | undefined): url is string => url !== undefined && new URL(url).host === host
  const known = presets.map(({ endpoints }) => endpoints[apiFormat]?.baseUrl).filter(isOfHost)
  const guesses = apiFormat === 'claude' ? [`${new URL(base).origin}/anthropic`] : []
  const speaksAlready = spokenFormats(account).includes(apiFormat)
  const places = [...(own === undefined ? [] : [own]), base, ...known, ...(speaksAlready ? [] : guesses)]
  return [...new Set(places)].slice(0, MAX_PLACES)
}
