import { createConverter } from '@relay/format-converter'

import { createPlainConverter, readPlainly, type Direction } from '../baselines/plain-converters.ts'
import { cpuMicroseconds, cpuMicrosecondsOf } from '../measure/cpu.ts'
import { compare } from '../measure/interleave.ts'
import type { Row } from '../measure/result.ts'
import type { Peer, PeerStream } from '../peers/peer.ts'
import { loadsOf, STREAM_GOAL, type Load } from './directions.ts'

const ROUNDS = 5
/** Peers differ by more than a busy machine does, and take longer. */
const PEER_ROUNDS = 2

type TakeOutput = (output: string | Uint8Array) => void

/** All streams of one direction through Relay's converter and through the peers, each against the plain conversion. */
export async function benchStreams(direction: Direction, peers: readonly Peer[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const load of loadsOf(direction.upstream)) {
    rows.push(await benchConverter(direction, load))
    for (const peer of peers) {
      const convert = peer.stream(direction)
      if (convert !== undefined) rows.push(await benchPeer(direction, load, { name: peer.name, convert }))
    }
  }
  const missing = peers.filter((peer) => peer.stream(direction) === undefined)
  return [...rows, ...missing.map(({ name }) => ({ what: named(direction), unit: UNIT, missing: name }))]
}

const UNIT = 'µs CPU an event'

async function benchConverter(direction: Direction, load: Load): Promise<Row> {
  const kept = countDeltas(direction, (take) => convert(direction, load, take))
  if (kept !== countPlainDeltas(direction, load)) throw new Error(`${named(direction)} lost deltas: ${kept} are left`)
  const measured = await compare(
    () => cpuMicroseconds(() => convert(direction, load, ignore)) / load.events,
    () => plainCost(direction, load),
    { rounds: ROUNDS },
  )
  return rowOf({ direction, load, measured, name: 'converter' })
}

async function benchPeer(
  direction: Direction,
  load: Load,
  peer: { readonly name: string; readonly convert: PeerStream },
): Promise<Row> {
  let output = ''
  const utf8 = new TextDecoder()
  const collect: TakeOutput = (part) => {
    output += typeof part === 'string' ? part : utf8.decode(part, { stream: true })
  }
  await runPeer(peer.convert, load, collect)
  const kept = countDeltas(direction, (take) => take(output))
  const measured = await compare(
    async () => (await cpuMicrosecondsOf(() => runPeer(peer.convert, load, ignore))) / load.events,
    () => plainCost(direction, load),
    { rounds: PEER_ROUNDS },
  )
  const share = (100 * kept) / countPlainDeltas(direction, load)
  return rowOf({ direction, load, measured, name: peer.name, more: { '% of the deltas kept': share } })
}

interface Measurement {
  readonly direction: Direction
  readonly load: Load
  readonly measured: Awaited<ReturnType<typeof compare>>
  readonly name: string
  readonly more?: Readonly<Record<string, number>>
}

function rowOf({ direction, load, measured, name, more }: Measurement): Row {
  const { subject, baseline, ...rest } = measured
  return {
    what: `${named(direction)}, ${load.name}`,
    unit: UNIT,
    subject: { name, value: subject },
    baseline: { name: 'plain', value: baseline },
    ...rest,
    goal: more === undefined ? STREAM_GOAL : undefined,
    details: {
      'events a second': 1e6 / subject,
      'MB a second': load.bytesPerEvent / subject,
      'bytes an event': load.bytesPerEvent,
      ...more,
    },
  }
}

function named({ upstream, client }: Direction): string {
  return `${upstream} → ${client}`
}

function convert({ upstream, client }: Direction, { packets }: Load, take: TakeOutput): void {
  const stream = createConverter({ client, upstream }).exchange(QUESTIONS[client]).byteStream()
  for (const packet of packets) take(stream.push(packet))
  take(stream.end())
  if (stream.state !== 'finished') throw new Error(`the stream ended as ${stream.state}: ${stream.error?.message}`)
}

const MESSAGES = [{ role: 'user', content: 'question' }]

const QUESTIONS = {
  'anthropic-messages': { model: 'm', max_tokens: 1000, messages: MESSAGES, stream: true },
  'openai-chat': { model: 'm', messages: MESSAGES, stream: true },
  'openai-responses': { model: 'm', input: 'question', stream: true },
} as const

function plainCost(direction: Direction, { packets, events }: Load): number {
  const work = (): void => {
    const converter = createPlainConverter(direction)
    for (const packet of packets) ignore(converter.push(packet))
  }
  return cpuMicroseconds(work) / events
}

async function runPeer(convert: PeerStream, { packets }: Load, take: TakeOutput): Promise<void> {
  const upstream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const packet of packets) controller.enqueue(packet)
      controller.close()
    },
  })
  for await (const part of await convert(upstream)) take(part)
}

/** Deltas that the plain reader of the client's format finds in an output. */
function countDeltas({ client }: Direction, run: (take: TakeOutput) => void): number {
  let deltas = 0
  const count = (text: string): string => {
    if (text !== '') deltas += 1
    return ''
  }
  const reader = readPlainly(client, { text: count, input: (_index, piece) => count(piece), end: '' })
  const utf8 = new TextEncoder()
  run((output) => reader.push(typeof output === 'string' ? utf8.encode(output) : output))
  return deltas
}

function countPlainDeltas({ upstream }: Direction, { packets }: Load): number {
  return countDeltas({ upstream, client: upstream }, (take) => packets.forEach(take))
}

let ignored = 0

/** A use of the output, so that making it cannot be left out. */
function ignore(output: string | Uint8Array): void {
  ignored += output.length
}
