import { normalizeUsage } from '@relay/format-converter/usage'

import { BYTES_PER_TOKEN } from '../answer/estimate-output.ts'
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

/** Notes what the events of a stream say of their use, and how much a completion has said, for one that is cut before it tells. */
export function createUseNotes(live: Pick<LiveRequest, 'facts'>): (event: unknown) => void {
  let bytes = 0
  return (event) => {
    noteUse(live, event)
    bytes += bytesSaid(event)
    live.facts.outputEstimate = Math.ceil(bytes / BYTES_PER_TOKEN)
  }
}

function bytesSaid(event: unknown): number {
  const choices = memberOf(event, 'choices')
  if (!Array.isArray(choices)) return 0
  const texts = choices.map((choice) => memberOf(choice, 'text')).filter((text) => typeof text === 'string')
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0)
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
