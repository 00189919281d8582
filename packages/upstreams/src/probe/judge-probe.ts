import type { ModelCapabilities, UpstreamDialect } from '@relay/format-converter'

import type { ApiFormat } from '../upstream.ts'
import { describeError } from './judge-answer.ts'
import type { ProbeName } from './probe-requests.ts'
import { fieldOf, listIn, parseObject } from './read-fields.ts'
import type { ProbeReply } from './send-probe.ts'

/** What a probe has found out about an upstream; what is not there was not found out. */
export interface ProbeFindings {
  readonly dialect: Partial<
    Pick<
      UpstreamDialect,
      'includeUsage' | 'lateSystem' | 'maxTokensField' | 'parallelToolCalls' | 'reasoningField' | 'systemRole'
    >
  >
  readonly model: Partial<Pick<ModelCapabilities, 'midSystem'>>
  /** Images inside messages are accepted. */
  readonly images?: boolean
  /** The upstream counts tokens itself. */
  readonly countTokens?: boolean
}

/** An answer to a question, read. */
export interface ProbeJudgement {
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** One sentence without the answer's text. */
  readonly message: string
}

/** Statuses by which a server says that it does not have a thing; others say nothing about it. */
const NOT_HERE = new Set([400, 404, 405, 415, 422, 501])

/** An answer and the question it belongs to. */
export interface ProbeAnswer {
  readonly name: ProbeName
  readonly apiFormat: ApiFormat
  readonly reply: ProbeReply
  readonly secret: string | undefined
}

/** Judges an answer by its status and its shape alone. */
export function judgeProbe({ name, apiFormat, reply, secret }: ProbeAnswer): ProbeJudgement {
  if (reply.type === 'failed') return { outcome: 'skipped', message: reply.message }
  const { status, text } = reply
  if (status < 200 || status >= 300) {
    return { outcome: NOT_HERE.has(status) ? 'failed' : 'skipped', message: describeError(status, text, secret) }
  }
  switch (name) {
    case 'stream-usage':
      return hasStreamUsage(apiFormat, text)
        ? passed('the stream tells its usage')
        : failed('the stream tells no usage')
    case 'parallel-tools':
      return passed(`accepted; the model made ${inWords(countCalls(apiFormat, text))} in one turn`)
    case 'max-tokens':
    case 'max-completion-tokens':
      return isCut(text) ? passed('the limit was kept') : failed('the limit was accepted and not kept')
    case 'count-tokens':
      return isCount(text) ? passed('the upstream counts') : failed('what came back is no count')
    case 'images':
    case 'system-inside':
    case 'developer-role':
      return parseObject(text) === undefined ? failed('the answer is not a JSON object') : passed('accepted')
  }
}

const USAGE_IN_STREAM: Readonly<Record<ApiFormat, RegExp>> = {
  claude: /"usage"\s*:\s*\{[^]*?"output_tokens"\s*:\s*[1-9]/,
  'openai-chat': /"usage"\s*:\s*\{[^]*?"prompt_tokens"\s*:\s*\d/,
  'openai-responses': /"usage"\s*:\s*\{[^]*?"input_tokens"\s*:\s*\d/,
}

function hasStreamUsage(apiFormat: ApiFormat, text: string): boolean {
  return USAGE_IN_STREAM[apiFormat].test(text)
}

function inWords(calls: number): string {
  return calls === 1 ? '1 call' : `${calls} calls`
}

function countCalls(apiFormat: ApiFormat, text: string): number {
  const body = parseObject(text)
  switch (apiFormat) {
    case 'claude':
      return ofType(listIn(body, 'content'), 'tool_use')
    case 'openai-chat':
      return listIn(fieldOf(listIn(body, 'choices')?.[0], 'message'), 'tool_calls')?.length ?? 0
    case 'openai-responses':
      return ofType(listIn(body, 'output'), 'function_call')
  }
}

function ofType(list: readonly unknown[] | undefined, type: string): number {
  return (list ?? []).filter((entry) => fieldOf(entry, 'type') === type).length
}

function isCut(text: string): boolean {
  return fieldOf(listIn(parseObject(text), 'choices')?.[0], 'finish_reason') === 'length'
}

function isCount(text: string): boolean {
  return Number.isSafeInteger(fieldOf(parseObject(text), 'input_tokens'))
}

function passed(message: string): ProbeJudgement {
  return { outcome: 'passed', message }
}

function failed(message: string): ProbeJudgement {
  return { outcome: 'failed', message }
}
