import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

import { chatAnswer, chatStream } from '../streams/chat-stream.ts'
import { messagesAnswer, messagesStream } from '../streams/messages-stream.ts'
import { toPackets } from '../streams/packets.ts'
import { announce } from './announce.ts'
import { planOf } from './plan.ts'
import { stamped } from './time-stamp.ts'

/** A provider that speaks Chat Completions and Messages, and whose answers are made before they are asked for. */
const ANSWERS = { chat: Buffer.from(chatAnswer()), messages: Buffer.from(messagesAnswer()) }
/** Events up to the first token: a slow stream sends them together, so that its first byte is its first token. */
const PREFACE_EVENTS = { chat: 2, messages: 3 }
const streams = new Map<string, readonly Buffer[]>()

interface Question {
  readonly model: string
  readonly stream: boolean
}

/** Of a larger body only so much is read at either end. */
const END_BYTES = 4096

/** Without a parser: while it parsed ten megabytes, this process would keep the tokens of all other streams. */
function readQuestion(body: Buffer): Question {
  const ends = `${body.toString('utf8', 0, END_BYTES)}${body.toString('utf8', Math.max(END_BYTES, body.length - END_BYTES))}`
  return { model: /"model":"([^"]*)"/.exec(ends)?.[1] ?? '', stream: ends.includes('"stream":true') }
}

const server = createServer((request, response) => void answer(request, response))
announce(server)

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model, stream } = readQuestion(await buffer(request))
  const format = request.url?.includes('messages') === true ? 'messages' : 'chat'
  if (!stream) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWERS[format].length })
    response.end(ANSWERS[format])
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const packets = packetsFor(format, model)
  const { kind, intervalMs } = planOf(model)
  if (intervalMs === 0) pour(response, packets)
  else drip(response, packets, { intervalMs, prepare: kind === 'clock' ? stamped : asItIs })
}

function packetsFor(format: 'chat' | 'messages', model: string): readonly Buffer[] {
  const known = streams.get(`${format} ${model}`)
  if (known !== undefined) return known
  const { kind, chunks, eventsPerPacket, intervalMs } = planOf(model)
  const words = kind === 'clock' ? 'text' : kind
  const events = format === 'chat' ? chatStream(words, chunks) : messagesStream(words, chunks)
  const preface = intervalMs === 0 ? 0 : PREFACE_EVENTS[format]
  const packets = [
    ...toPackets(events.slice(0, preface), preface),
    ...toPackets(events.slice(preface), eventsPerPacket),
  ]
  streams.set(`${format} ${model}`, packets)
  return packets
}

/** As fast as the reader takes it. */
function pour(response: ServerResponse, packets: readonly Buffer[]): void {
  let next = 0
  const writeOn = (): void => {
    while (next < packets.length) {
      const packet = packets[next]
      next += 1
      if (packet !== undefined && !response.write(packet)) return
    }
    response.off('drain', writeOn)
    response.end()
  }
  response.on('drain', writeOn)
  writeOn()
}

function asItIs(packet: Buffer): Buffer {
  return packet
}

interface Pace {
  readonly intervalMs: number
  /** Has the last word on a packet, when it goes. */
  readonly prepare: (packet: Buffer) => Buffer
}

/** A packet at a time, the first one at once. Pauses differ by up to a half, so that streams do not march in step. */
function drip(response: ServerResponse, packets: readonly Buffer[], { intervalMs, prepare }: Pace): void {
  let next = 0
  let timer: NodeJS.Timeout | undefined
  const writeNext = (): void => {
    const packet = packets[next]
    next += 1
    if (packet === undefined) return void response.end()
    response.write(prepare(packet))
    timer = setTimeout(writeNext, intervalMs * (0.5 + Math.random()))
  }
  response.on('close', () => clearTimeout(timer))
  writeNext()
}
