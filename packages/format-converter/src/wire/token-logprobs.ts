import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.ts'
import type { LossReport, ReportLoss } from '../model/loss.ts'
import { saysNothing } from './unread-members.ts'

/** Probabilities of tokens, as OpenAI's two formats spell them; `undefined` for a list that is empty or not such a one. */
export function tokenLogprobsOf(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  return isJsonArray(value) && value.length > 0 && value.every(isToken) ? value : undefined
}

/** The same; what stands in its place and is none is told. */
export function takeLogprobs(value: JsonValue | undefined, report: ReportLoss): readonly JsonValue[] | undefined {
  const logprobs = tokenLogprobsOf(value)
  if (logprobs === undefined && !saysNothing(value)) report(LOGPROBS_LOST)
  return logprobs
}

function isToken(entry: JsonValue): boolean {
  if (!isJsonObject(entry) || typeof entry['token'] !== 'string' || typeof entry['logprob'] !== 'number') return false
  const { bytes = null, top_logprobs: others = null } = entry
  return (bytes === null || isJsonArray(bytes)) && (others === null || (isJsonArray(others) && others.every(isToken)))
}

export const LOGPROBS_LOST: LossReport = {
  code: 'logprobs_dropped',
  level: 'degraded',
  path: '#logprobs',
  message:
    'probabilities of tokens were left out that are not whole, or have no text beside which they could be carried',
}
