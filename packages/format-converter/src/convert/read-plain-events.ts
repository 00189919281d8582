/** Name and data of an event that has one line of data. */
export interface PlainEvent {
  readonly name: string | undefined
  /** Not parsed yet. */
  readonly data: string
}

/** A byte order mark is no part of a plain packet, so it may not be lost. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })
const EVENT = 'event: '
const DATA = 'data: '

/**
 * Reads whole events that are written as upstreams almost always write them: a name or none, one line of data, LF.
 *
 * @param packet - begins at the beginning of an event
 * @returns `undefined` when anything is written in another way or is cut: only the splitter knows then
 */
export function readPlainEvents(packet: Uint8Array): readonly PlainEvent[] | undefined {
  const text = UTF8.decode(packet)
  if (text.includes('\r')) return undefined
  const events: PlainEvent[] = []
  for (let at = 0; at < text.length;) {
    const line = behindName(text, at)
    const data = line + DATA.length
    const end = text.startsWith(DATA, line) ? text.indexOf('\n', data) : -1
    if (end === -1 || text.charAt(end + 1) !== '\n') return undefined
    const name = line === at ? undefined : text.slice(at + EVENT.length, line - 1)
    events.push({ name, data: text.slice(data, end) })
    at = end + 2
  }
  return events
}

/** @returns the offset behind the line with the name; the same one where there is no such line */
function behindName(text: string, at: number): number {
  if (!text.startsWith(EVENT, at)) return at
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}
