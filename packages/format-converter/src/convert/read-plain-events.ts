import { skipObject } from '../wire/skip-object.ts'

/** Name and data of an event that has one line of data, a whole JSON object. */
export interface PlainEvent {
  readonly name: string | undefined
  readonly data: string
}

const UTF8 = new TextDecoder()
const EVENT = new TextEncoder().encode('event: ')
const DATA = new TextEncoder().encode('data: ')
const LF = 0x0a
const CR = 0x0d

/**
 * Reads whole events that are written as upstreams almost always write them: a name or none, one line of data that is a
 * JSON object, LF. One look at each byte; nothing is built but the events' texts.
 *
 * @param packet - begins at the beginning of an event
 * @returns `undefined` when anything is written in another way, is cut or broken: only the splitter knows then
 */
export function readPlainEvents(packet: Uint8Array): readonly PlainEvent[] | undefined {
  const events: PlainEvent[] = []
  const textOf = textReader(packet)
  for (let at = 0; at < packet.length;) {
    const line = skipName(packet, at)
    const data = line + DATA.length
    const end = startsWith(packet, DATA, line) ? skipObject(packet, data) : -1
    if (packet[end] !== LF || packet[end + 1] !== LF) return undefined
    const name = line === at ? undefined : textOf(at + EVENT.length, line - 1)
    events.push({ name, data: textOf(data, end) })
    at = end + 2
  }
  return events
}

/** A packet of ASCII is decoded once: its characters stand where its bytes stand. */
function textReader(packet: Uint8Array): (from: number, to: number) => string {
  const text = UTF8.decode(packet)
  if (text.length === packet.length) return (from, to) => text.slice(from, to)
  return (from, to) => UTF8.decode(packet.subarray(from, to))
}

/** @returns the offset behind the line with the name; the same one where there is no such line */
function skipName(packet: Uint8Array, at: number): number {
  if (!startsWith(packet, EVENT, at)) return at
  let end = at + EVENT.length
  while (end < packet.length && packet[end] !== LF && packet[end] !== CR) end += 1
  return packet[end] === LF ? end + 1 : at
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array, at: number): boolean {
  for (let index = 0; index < prefix.length; index += 1) if (bytes[at + index] !== prefix[index]) return false
  return true
}
