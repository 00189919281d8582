import type { StreamKind } from '../streams/chat-stream.ts'

/** What the mock upstream answers. It travels as the model's name, which every contender forwards. */
export interface StreamPlan {
  /** `clock`: text that says when it was sent. */
  readonly kind: StreamKind | 'clock'
  readonly chunks: number
  readonly eventsPerPacket: number
  /** Between two packets; 0 = as fast as the reader takes them. */
  readonly intervalMs: number
}

const KINDS: readonly StreamPlan['kind'][] = ['text', 'tools', 'clock']

/** The plan as a model name. */
export function modelOf({ kind, chunks, eventsPerPacket, intervalMs }: StreamPlan): string {
  return `bench:${kind}:${chunks}:${eventsPerPacket}:${intervalMs}`
}

/** The plan that a model name stands for. */
export function planOf(model: string): StreamPlan {
  const [, kind = '', chunks, eventsPerPacket, intervalMs] = model.split(':')
  return {
    kind: KINDS.find((known) => known === kind) ?? 'text',
    chunks: Number(chunks ?? 1),
    eventsPerPacket: Number(eventsPerPacket ?? 1),
    intervalMs: Number(intervalMs ?? 0),
  }
}
