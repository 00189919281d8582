import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { chatAnswer, chatStream } from '../streams/chat-stream.ts'
import { messagesAnswer, messagesStream } from '../streams/messages-stream.ts'
import { toPackets } from '../streams/packets.ts'
import { announce } from './announce.ts'
import { planOf } from './plan.ts'

/** A provider that speaks Chat Completions and Messages, and whose answers are made before they are asked for. */
const ANSWERS = { chat: Buffer.from(chatAnswer()), messages: Buffer.from(messagesAnswer()) }
const streams = new Map<string, readonly Buffer[]>()

interface Question {
  readonly model: string
  readonly stream?: boolean
}

const server = createServer((request, response) => void answer(request, response))
announce(server)

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model, stream } = JSON.parse(await text(request)) as Question
  const format = request.url?.includes('messages') === true ? 'messages' : 'chat'
  if (stream !== true) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWERS[format].length })
    response.end(ANSWERS[format])
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const packets = packetsFor(format, model)
  const { intervalMs } = planOf(model)
  if (intervalMs === 0) pour(response, packets)
  else drip(response, packets, intervalMs)
}

function packetsFor(format: 'chat' | 'messages', model: string): readonly Buffer[] {
  const known = streams.get(`${format} ${model}`)
  if (known !== undefined) return known
  const { kind, chunks, eventsPerPacket } = planOf(model)
  const events = format === 'chat' ? chatStream(kind, chunks) : messagesStream(kind, chunks)
  const packets = toPackets(events, eventsPerPacket)
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

/** A packet at a time, the first one at once. */
function drip(response: ServerResponse, packets: readonly Buffer[], intervalMs: number): void {
  response.write(packets[0] ?? '')
  let next = 1
  const timer = setInterval(() => {
    const packet = packets[next]
    next += 1
    if (packet !== undefined) response.write(packet)
    else response.end()
  }, intervalMs)
  response.on('close', () => clearInterval(timer))
}
