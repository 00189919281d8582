import type { BenchFormat, Direction } from '../baselines/plain-converters.ts'
import type { Goal } from '../measure/result.ts'
import { chatStream, type StreamKind } from '../streams/chat-stream.ts'
import { chatHistory, messagesHistory, responsesHistory } from '../streams/histories.ts'
import { messagesStream } from '../streams/messages-stream.ts'
import { bytesOf, toPackets } from '../streams/packets.ts'
import { responsesStream } from '../streams/responses-stream.ts'

const FORMATS: readonly BenchFormat[] = ['anthropic-messages', 'openai-chat', 'openai-responses']

/** Six conversions, and three paths on which nothing is converted. */
export const DIRECTIONS: readonly Direction[] = FORMATS.flatMap((upstream) =>
  FORMATS.map((client) => ({ upstream, client })),
)

/** 1.6 and 1.1 µs on a core of 2.5 GHz, where the plain conversion takes 1.1: a ratio holds on other machines too. */
export const STREAM_GOAL: Goal = { number: 9, goal: 1.45, reach: 1, of: 'ratio' }
export const REQUEST_GOAL: Goal = { number: 9, goal: 15, reach: 15, of: 'subject' }

/** How many events one read brings: a fast upstream's 64 KB, and the worst case. */
const PACKETS = [
  { packets: 'many events a push', events: 270 },
  { packets: 'one event a push', events: 1 },
]

const CHUNKS = 20_000
const HISTORY_BYTES = 1_000_000

/** One upstream's stream, as its reads bring it. */
export interface Load {
  readonly name: string
  readonly packets: readonly Buffer[]
  readonly events: number
  readonly bytesPerEvent: number
}

const STREAMS: Readonly<Record<BenchFormat, (kind: StreamKind, chunks: number) => string[]>> = {
  'anthropic-messages': messagesStream,
  'openai-chat': chatStream,
  'openai-responses': responsesStream,
}

/** Text and calls, in large and in small reads. */
export function loadsOf(upstream: BenchFormat): Load[] {
  return (['text', 'tools'] as const).flatMap((kind) => {
    const stream = STREAMS[upstream](kind, CHUNKS)
    return PACKETS.map(({ packets: name, events }) => {
      const packets = toPackets(stream, events)
      return {
        name: `${kind}, ${name}`,
        packets,
        events: stream.length,
        bytesPerEvent: bytesOf(packets) / stream.length,
      }
    })
  })
}

const HISTORIES: Readonly<Record<BenchFormat, (bytes: number) => string>> = {
  'anthropic-messages': messagesHistory,
  'openai-chat': chatHistory,
  'openai-responses': responsesHistory,
}

/** A request of 1 MB, as its client sends it. */
export function historyOf(client: BenchFormat): string {
  return HISTORIES[client](HISTORY_BYTES)
}
