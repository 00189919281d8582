import { chooseUpstreamFormat } from '../choose-format.ts'
import type { ApiFormat, UpstreamChoice } from '../upstream.ts'
import { findFormats, type FormatFinding } from './find-formats.ts'
import { judgeProbe, type ProbeFindings, type ProbeJudgement } from './judge-probe.ts'
import { buildProbeBody, type ProbeName } from './probe-requests.ts'
import { readFindings } from './read-findings.ts'
import { type ProbeReply, sendProbe } from './send-probe.ts'
import { testAccount, type AccountTestOptions, type AccountTestReport, type AccountTestStep } from './test-account.ts'

/** One question and its answer. */
export interface AccountProbeStep extends AccountTestStep {
  readonly name: ProbeName
}

/** What a probe found out. */
export interface AccountProbeReport {
  readonly apiFormat: ApiFormat
  readonly model: string
  /** The test that comes first; where it fails, nothing more is asked. */
  readonly test: AccountTestReport
  readonly steps: readonly AccountProbeStep[]
  /** The formats that the account's host speaks, and where. */
  readonly formats: readonly FormatFinding[]
  /** What the answers mean for the account's profile. */
  readonly findings: ProbeFindings
}

const QUESTIONS: readonly ProbeName[] = [
  'stream-usage',
  'images',
  'parallel-tools',
  'system-inside',
  'developer-role',
  'max-tokens',
  'max-completion-tokens',
  'count-tokens',
]

/**
 * Finds out an upstream's dialect: the test, up to eight questions in the account's format, and one small request for
 * each place where another format may be spoken. One request at a time, and a few hundred tokens in all.
 *
 * @throws UpstreamError where the account's settings cannot work at all: format, base URL, headers
 */
export async function probeAccount(options: AccountTestOptions): Promise<AccountProbeReport> {
  const { account, model, clientFormat = 'openai-chat' } = options
  const choice = chooseUpstreamFormat(account, clientFormat)
  const test = await testAccount(options)
  const head = { apiFormat: choice.apiFormat, model, test }
  if (test.whole.status === undefined || test.auth.outcome === 'failed') {
    return { ...head, steps: [], formats: [], findings: { dialect: {}, model: {} } }
  }
  const asked = test.modelFound.outcome === 'passed' ? await askAll(options, choice, questionsAfter(test)) : []
  const outcomes = new Map(
    asked.map(({ step, reply }) => [step.name, { outcome: step.outcome, isTaken: isTaken(reply) }]),
  )
  const texts = asked.map(({ reply }) => (reply.type === 'answered' ? reply.text : ''))
  return {
    ...head,
    steps: asked.map(({ step }) => step),
    formats: await findFormats(options, model),
    findings: readFindings(choice.apiFormat, outcomes, texts),
  }
}

function isTaken(reply: ProbeReply): boolean {
  return reply.type === 'answered' && reply.status >= 200 && reply.status < 300
}

interface Asked {
  readonly step: AccountProbeStep
  readonly reply: ProbeReply
}

/** A stream that did not come to its end in the test would be waited for as long again. */
function questionsAfter({ stream }: AccountTestReport): readonly ProbeName[] {
  const hasStream = stream.status !== undefined
  return hasStream ? QUESTIONS : QUESTIONS.filter((name) => name !== 'stream-usage')
}

async function askAll(
  options: AccountTestOptions,
  choice: UpstreamChoice,
  questions: readonly ProbeName[],
): Promise<readonly Asked[]> {
  const asked: Asked[] = []
  for (const name of questions) {
    const answer = await ask(options, choice, name)
    if (answer !== undefined) asked.push(answer)
  }
  return asked
}

const SUFFIXES: Readonly<Record<ApiFormat, string>> = {
  claude: '/count_tokens',
  'openai-chat': '',
  'openai-responses': '/input_tokens',
}

/** @returns `undefined` where the format does not have the question */
async function ask(
  options: AccountTestOptions,
  { apiFormat, baseUrl }: UpstreamChoice,
  name: ProbeName,
): Promise<Asked | undefined> {
  const body = buildProbeBody(apiFormat, options.model, name)
  if (body === undefined) return undefined
  const suffix = name === 'count-tokens' ? SUFFIXES[apiFormat] : undefined
  const reply = await sendProbe(options, { apiFormat, baseUrl, suffix, body, isStream: name === 'stream-usage' })
  const judgement = judgeProbe({ name, apiFormat, reply, secret: options.credential })
  return { step: stepOf(name, reply, judgement), reply }
}

function stepOf(name: ProbeName, reply: ProbeReply, { outcome, message }: ProbeJudgement): AccountProbeStep {
  const step = { name, outcome, message, latencyMs: reply.latencyMs }
  return reply.type === 'failed' ? step : { ...step, status: reply.status, received: reply.received }
}
