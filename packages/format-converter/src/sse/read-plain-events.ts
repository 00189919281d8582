/** Name and data of an event that has one line of data. */
export interface PlainEvent {
  readonly name: string | undefined
  readonly data: string
}

const EVENT = 'event: '
const DATA = 'data: '

/**
 * Reads whole events that are written as upstreams almost always write them: a name or none, one line of data, LF.
 *
 * @param text - a packet, beginning at the beginning of an event
 * @returns `undefined` when anything is written in another way, or the last event is cut: only the splitter knows then
 */
export function readPlainEvents(text: string): readonly PlainEvent[] | undefined {
  if (!text.endsWith('\n\n') || text.includes('\r')) return undefined
  const events: PlainEvent[] = []
  for (const lines of text.slice(0, -2).split('\n\n')) {
    const event = readPlainEvent(lines)
    if (event === undefined) return undefined
    events.push(event)
  }
  return events
}

function readPlainEvent(lines: string): PlainEvent | undefined {
  const lineEnd = lines.indexOf('\n')
  const start = lineEnd + 1
  if (!lines.startsWith(DATA, start) || lines.includes('\n', start)) return undefined
  if (lineEnd !== -1 && !lines.startsWith(EVENT)) return undefined
  return {
    name: lineEnd === -1 ? undefined : lines.slice(EVENT.length, lineEnd),
    data: lines.slice(start + DATA.length),
  }
}
