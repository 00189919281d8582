import type { FormatName } from '@relay/format-converter'

import { chooseUpstreamFormat } from '../choose-format.ts'
import type { Sender, UpstreamRoute } from '../send/upstream-call.ts'
import type { ApiFormat, UpstreamAccount, UpstreamChoice } from '../upstream.ts'
import { buildUpstreamUrl } from '../url.ts'
import { judgeAnswer } from './judge-answer.ts'
import { sendProbe } from './send-probe.ts'
import { buildTestBody } from './test-requests.ts'
import type { AccountTestName } from './test-requests.ts'

/** What is tested, and with what. */
export interface AccountTestOptions {
  readonly sender: Sender
  readonly account: UpstreamAccount
  readonly credential: string | undefined
  /** The account's proxy and certificate authority. */
  readonly route?: UpstreamRoute | undefined
  /** As it is sent to the upstream. */
  readonly model: string
  /** Decides the format of accounts with `apiFormat: 'auto'`; default: the type's own. */
  readonly clientFormat?: FormatName
  readonly signal?: AbortSignal
}

/** The result of one thing that was tried. */
export interface AccountTestStep {
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** HTTP status, where there was an answer. */
  readonly status?: number
  /** From the first byte of the request to the last one of the answer. */
  readonly latencyMs?: number
  /** One sentence; holds no credential and no answer, and of an error at most its message. */
  readonly message: string
  /** The beginning of what came back, redacted, at most some hundred characters. */
  readonly received?: string
}

/** What a test found out. */
export interface AccountTestReport {
  readonly apiFormat: ApiFormat
  readonly model: string
  /** Where the requests went: host and path, without the query. */
  readonly url: string
  /** Something that speaks HTTP answered. */
  readonly reach: AccountTestStep
  /** The credential was accepted. */
  readonly auth: AccountTestStep
  /** The model is known there. */
  readonly modelFound: AccountTestStep
  /** An answer in one piece. */
  readonly whole: AccountTestStep
  /** A streamed answer that ended as its format demands. */
  readonly stream: AccountTestStep
  /** A tool that was offered was called. */
  readonly tools: AccountTestStep
}

/**
 * Sends three small real requests to an account: whole, streamed, with a tool.
 *
 * A test costs a few tokens. When the first request shows that nothing can work, the others are skipped.
 *
 * @throws UpstreamError where the account's settings cannot work at all: format, base URL, headers
 */
export async function testAccount(options: AccountTestOptions): Promise<AccountTestReport> {
  const { account, model, clientFormat = 'openai-chat' } = options
  const choice = chooseUpstreamFormat(account, clientFormat)
  const whole = await tryRequest(options, choice, 'whole')
  const isHopeless = whole.verdict !== 'answered'
  const skipped: AccountTestStep = { outcome: 'skipped', message: 'the first request failed' }
  return {
    apiFormat: choice.apiFormat,
    model,
    url: buildUpstreamUrl(choice.baseUrl, choice.apiFormat).split('?', 1)[0] ?? '',
    ...readBasics(whole),
    whole: whole.step,
    stream: isHopeless ? skipped : (await tryRequest(options, choice, 'stream')).step,
    tools: isHopeless ? skipped : (await tryRequest(options, choice, 'tools')).step,
  }
}

/** How far a request came. */
type Verdict = 'unreached' | 'refused' | 'model-unknown' | 'error' | 'answered'

interface Tried {
  readonly verdict: Verdict
  readonly step: AccountTestStep
}

async function tryRequest(options: AccountTestOptions, choice: UpstreamChoice, name: AccountTestName): Promise<Tried> {
  const { apiFormat, baseUrl } = choice
  const body = buildTestBody(apiFormat, options.model, name)
  const reply = await sendProbe(options, { apiFormat, baseUrl, body, isStream: name === 'stream' })
  if (reply.type === 'failed') {
    const { message, latencyMs, hasHeaders } = reply
    return { verdict: hasHeaders ? 'error' : 'unreached', step: { outcome: 'failed', latencyMs, message } }
  }
  const { status, latencyMs, received } = reply
  const { isGood, message } = judgeAnswer({
    name,
    status,
    body: reply.body,
    answerFormat: choice.answerFormat,
    secret: options.credential,
  })
  const isAnswer = isGood || isStream(reply.body)
  const verdict = readVerdict({ status, isAnswer, namesModel: namesModel(message, options.model) })
  const isElsewhere = verdict === 'error' && ELSEWHERE_STATUSES.has(status)
  const told = isElsewhere ? `${message}; check the base URL, it may lead elsewhere` : message
  return { verdict, step: { outcome: isGood ? 'passed' : 'failed', status, latencyMs, message: told, received } }
}

/** Of a path that is not that of an endpoint. */
const ELSEWHERE_STATUSES: ReadonlySet<number> = new Set([404, 405])

/** Some servers stream whatever was asked for. */
function isStream(body: Uint8Array): boolean {
  return /^data:/m.test(Buffer.from(body).toString('utf8'))
}

/** Whether what an upstream said is about the model. */
function namesModel(message: string, model: string): boolean {
  return /\bmodel\b|模型/i.test(message) || message.includes(model)
}

interface Reading {
  readonly status: number
  readonly isAnswer: boolean
  readonly namesModel: boolean
}

/** A page has no model behind it, and says nothing about the credential; neither does a 404 of a path that is not there. */
function readVerdict({ status, isAnswer, namesModel }: Reading): Verdict {
  if (status >= 200 && status < 300) return isAnswer ? 'answered' : 'error'
  if (status === 401 || status === 403) return 'refused'
  return (status === 404 || status === 400) && namesModel ? 'model-unknown' : 'error'
}

function readBasics({ verdict, step }: Tried): Pick<AccountTestReport, 'reach' | 'auth' | 'modelFound'> {
  const failed: AccountTestStep = { ...step, outcome: 'failed' }
  const unknown: AccountTestStep = { outcome: 'skipped', message: 'not known from this answer' }
  const reached = passed('the upstream answered')
  const accepted = passed('the credential was accepted')
  switch (verdict) {
    case 'unreached':
      return { reach: failed, auth: unknown, modelFound: unknown }
    case 'refused':
      return { reach: reached, auth: failed, modelFound: unknown }
    case 'model-unknown':
      return { reach: reached, auth: accepted, modelFound: failed }
    case 'error':
      return { reach: reached, auth: unknown, modelFound: unknown }
    case 'answered':
      return { reach: reached, auth: accepted, modelFound: passed('the model answered') }
  }
}

function passed(message: string): AccountTestStep {
  return { outcome: 'passed', message }
}
