import type { LossReport } from '../model/loss.ts'

export const LOGPROBS_DROPPED: LossReport = {
  code: 'logprobs_dropped',
  level: 'lossy',
  path: '#text',
  message: 'log probabilities have no place in a Messages answer',
}
