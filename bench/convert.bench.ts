import { pathToFileURL } from 'node:url'

import { createConverter, type FormatName, toJsonText } from '@relay/format-converter'

import { plainChatToMessages, plainMessagesToChat, type PlainConverter } from './baselines/plain-converters.ts'
import { compare } from './measure/interleave.ts'
import { toMarkdown } from './measure/report.ts'
import type { Goal, Result } from './measure/result.ts'
import { chatStream, type StreamKind } from './streams/chat-stream.ts'
import { chatHistory, messagesHistory } from './streams/histories.ts'
import { messagesStream } from './streams/messages-stream.ts'
import { bytesOf, toPackets } from './streams/packets.ts'

/** One direction: an upstream's stream for a client of another format. */
interface Pair {
  readonly upstream: FormatName
  readonly client: FormatName
  readonly stream: (kind: StreamKind, chunks: number) => string[]
  readonly plain: () => PlainConverter
  readonly goal?: Goal
}

const PAIRS: readonly Pair[] = [
  {
    upstream: 'openai-chat',
    client: 'anthropic-messages',
    stream: chatStream,
    plain: plainChatToMessages,
    goal: { number: 9, goal: 1.6, reach: 1.1, of: 'subject' },
  },
  { upstream: 'anthropic-messages', client: 'openai-chat', stream: messagesStream, plain: plainMessagesToChat },
]

/** How many events one read brings: a fast upstream's 64 KB, and the worst case. */
const PACKETS = [
  { name: 'many events a push', events: 270 },
  { name: 'one event a push', events: 1 },
]

const CHUNKS = 60_000
const ROUNDS = 5
const HISTORY_BYTES = 1_000_000

/** Streams and requests through the converter alone, against parser + `JSON.parse` + template. */
export async function benchConverter(onlyGoal?: number): Promise<Result[]> {
  const results: Result[] = []
  if (onlyGoal !== undefined && onlyGoal !== 9) return results
  for (const pair of PAIRS) {
    for (const kind of ['text', 'tools'] as const) {
      for (const packets of PACKETS) results.push(await benchStream(pair, kind, packets))
    }
  }
  results.push(await benchRequest('anthropic-messages', messagesHistory(HISTORY_BYTES)))
  results.push(await benchRequest('openai-chat', chatHistory(HISTORY_BYTES)))
  return results
}

async function benchStream(pair: Pair, kind: StreamKind, { name, events }: (typeof PACKETS)[number]): Promise<Result> {
  const { upstream, client, goal } = pair
  const stream = pair.stream(kind, CHUNKS)
  const packets = toPackets(stream, events)
  const { subject, baseline, ...rest } = await compare(
    () => cpuMicroseconds(() => convert(pair, packets)) / stream.length,
    () => cpuMicroseconds(() => convertPlainly(pair, packets)) / stream.length,
    { rounds: ROUNDS },
  )
  return {
    what: `${upstream} → ${client}, ${kind}, ${name}`,
    unit: 'µs CPU a chunk',
    subject: { name: 'converter', value: subject },
    baseline: { name: 'plain', value: baseline },
    ...rest,
    goal,
    details: {
      'chunks a second': 1e6 / subject,
      'MB a second': bytesOf(packets) / stream.length / subject,
      'bytes a chunk': bytesOf(packets) / stream.length,
    },
  }
}

function convert({ upstream, client }: Pair, packets: readonly Buffer[]): number {
  const converter = createConverter({ client, upstream })
  const stream = converter.exchange({ ...QUESTION, stream: true }).byteStream()
  let characters = 0
  for (const packet of packets) characters += stream.push(packet).length
  characters += stream.end().length
  if (stream.state !== 'finished') throw new Error(`the stream ended as ${stream.state}: ${stream.error?.message}`)
  return characters
}

function convertPlainly({ plain }: Pair, packets: readonly Buffer[]): number {
  const converter = plain()
  let characters = 0
  for (const packet of packets) characters += converter.push(packet).length
  return characters
}

const QUESTION = { model: 'm', max_tokens: 1000, messages: [{ role: 'user', content: 'question' }] }

async function benchRequest(client: FormatName, body: string): Promise<Result> {
  const upstream = client === 'openai-chat' ? 'anthropic-messages' : 'openai-chat'
  const converter = createConverter({ client, upstream })
  const convertBody = (): void => {
    toJsonText(converter.exchange(JSON.parse(body)).request)
  }
  const copyBody = (): void => {
    JSON.stringify(JSON.parse(body))
  }
  const { subject, baseline, ...rest } = await compare(
    () => milliseconds(convertBody),
    () => milliseconds(copyBody),
    { rounds: ROUNDS },
  )
  return {
    what: `request ${client} → ${upstream}, ${Math.round(body.length / 1000)} KB of history, from text to text`,
    unit: 'ms CPU',
    subject: { name: 'converter', value: subject },
    baseline: { name: 'parse + stringify', value: baseline },
    ...rest,
    goal: { number: 9, goal: 15, reach: 15, of: 'subject' },
  }
}

/** One request is too short for the clock: several make a sample. */
function milliseconds(work: () => void): number {
  const times = 8
  const total = cpuMicroseconds(() => {
    for (let time = 0; time < times; time += 1) work()
  })
  return total / times / 1000
}

/** CPU of the whole process, the collector's threads included. */
function cpuMicroseconds(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

// `node --cpu-prof bench/convert.bench.ts`
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(toMarkdown(await benchConverter()))
}
