import type { AnswerSide, Failure, Loss, Usage } from '@relay/format-converter'

/** One event of a stream as it is on the wire. */
export interface Frame {
  /** The event's name, or the `type` in its data; empty where it has neither. */
  readonly name: string
  readonly text: string
}

/** What came from the upstream, and what the client gets for it at that moment. */
export interface TimelineStep {
  /** Left out for what is written when the upstream closes. */
  readonly upstream: Frame | undefined
  readonly client: readonly Frame[]
}

/** A stream, event by event, in both formats. */
export interface Timeline {
  readonly steps: readonly TimelineStep[]
  /** `failed` when the client's stream ends in an error of its own. */
  readonly end: 'complete' | 'failed'
  readonly failure: Failure | undefined
  readonly usage: Usage | undefined
  readonly losses: readonly Loss[]
}

/** Events shown at most. */
const MAX_STEPS = 2_000
const TYPE_MEMBER = /"(?:type|object)"\s*:\s*"([^"]{1,80})"/

/** Plays a recorded stream through an exchange; a text that is cut in the middle of an event is played as it is. */
export function playStream(exchange: Pick<AnswerSide, 'stream'>, text: string): Timeline {
  const stream = exchange.stream()
  const encoder = new TextEncoder()
  const steps: TimelineStep[] = []
  for (const frame of splitFrames(text)) {
    const client = splitFrames(stream.push(encoder.encode(`${frame}\n\n`))).map(toFrame)
    if (steps.length < MAX_STEPS) steps.push({ upstream: toFrame(frame), client })
  }
  const rest = splitFrames(stream.end()).map(toFrame)
  if (rest.length > 0) steps.push({ upstream: undefined, client: rest })
  const { error: failure, usage, losses } = stream
  return { steps, end: failure === undefined ? 'complete' : 'failed', failure, usage, losses }
}

/** Whether a text is a stream of events and not one JSON value. */
export function looksLikeStream(text: string): boolean {
  return /^\s*(?:event|data|id|retry)?:/.test(text.replace(/^\uFEFF/, ''))
}

function splitFrames(text: string): readonly string[] {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((frame) => frame.replaceAll(/^\n+|\n+$/g, ''))
    .filter((frame) => frame !== '')
}

function toFrame(text: string): Frame {
  const named = /^event:\s*(.*)$/m.exec(text)?.[1]
  if (named !== undefined) return { name: named.trim(), text }
  const data = /^data:\s*(.*)$/m.exec(text)?.[1] ?? ''
  return { name: data === '[DONE]' ? data : (TYPE_MEMBER.exec(data)?.[1] ?? ''), text }
}
