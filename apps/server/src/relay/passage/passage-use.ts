import { normalizeUsage } from '@relay/format-converter/usage'

import type { LiveRequest } from '../live-request.ts'
import { memberOf } from '../member-of.ts'

/** What an answer, or one event of it, says of its use. */
export function noteUse({ facts }: Pick<LiveRequest, 'facts'>, value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  const usage = memberOf(value, 'usage')
  const isResponses = typeof usage === 'object' && usage !== null && 'input_tokens' in usage
  const read =
    usage === undefined ? undefined : normalizeUsage({ from: isResponses ? 'openai-responses' : 'openai-chat', usage })
  if (read !== undefined) facts.usage = read
  const model = memberOf(value, 'model')
  if (typeof model === 'string') facts.modelServed = model
}

/** Endpoints that give no tokens back: whatever their services count is input. */
const WITHOUT_OUTPUT = new Set(['/embeddings', '/rerank'])

/** Some of those services tell a total and nothing else. */
export function usageOf(path: string, usage: unknown): unknown {
  const total = memberOf(usage, 'total_tokens')
  const isKnown = ['prompt_tokens', 'input_tokens'].some((name) => memberOf(usage, name) !== undefined)
  return WITHOUT_OUTPUT.has(path) && total !== undefined && !isKnown
    ? { prompt_tokens: total, total_tokens: total }
    : usage
}
