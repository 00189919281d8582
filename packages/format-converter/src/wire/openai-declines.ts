import type { JsonObject } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import { stringOf } from './loose.ts'

/** What a model is said to have answered that declined without a word and without an explanation. */
export const DECLINED = 'The model declined to respond.'

/** OpenAI has no member that explains a refusal: only an answer without words has room for the explanation. */
export const EXPLANATION_UNTOLD: LossReport = {
  code: 'param_unsupported',
  level: 'degraded',
  path: '#stop_details/explanation',
  message: 'the explanation of a refusal has no place beside what the model had said',
}

/** Anthropic's explanation of a refusal; `''` without one. */
export function explanationIn(details: JsonObject | undefined): string {
  return stringOf(details?.['explanation'])
}
