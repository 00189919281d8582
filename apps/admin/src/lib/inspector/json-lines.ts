/** How a line stands out. */
export type MarkTone = 'added' | 'moved' | 'info' | 'repaired' | 'degraded' | 'lossy'

/** Why a line stands out. */
export interface LineMark {
  readonly tone: MarkTone
  /** Says it in words, for everyone who does not see the colour. */
  readonly title: string
}

/** One line of a JSON text, and the place in the body that it shows. */
export interface JsonLine {
  /** JSON Pointer of the value that begins on this line, or of the one that is closed. */
  readonly pointer: string
  readonly depth: number
  /** The member's name with its quotes and colon; empty in lists and for closing brackets. */
  readonly name: string
  readonly text: string
}

/** A text longer than this is shown with its beginning and its length: pictures would fill the page. */
const MAX_TEXT = 2_000

/** Lines shown at most; what comes after is counted. */
const MAX_LINES = 5_000

/** A JSON value as lines, two values never on one, so that each can be marked. Long texts are cut. */
export function toJsonLines(value: unknown): readonly JsonLine[] {
  const lines: JsonLine[] = []
  addValue(lines, value, { pointer: '', depth: 0, name: '', end: '' })
  if (lines.length <= MAX_LINES) return lines
  return [...lines.slice(0, MAX_LINES), { pointer: '', depth: 0, name: '', text: `… ${lines.length - MAX_LINES}` }]
}

interface Place {
  readonly pointer: string
  readonly depth: number
  readonly name: string
  /** A comma, unless it is the last one. */
  readonly end: string
}

function addValue(lines: JsonLine[], value: unknown, place: Place): void {
  const { pointer, depth, name, end } = place
  const members = membersOf(value)
  if (members === undefined) return void lines.push({ pointer, depth, name, text: `${scalarText(value)}${end}` })
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  if (members.length === 0) return void lines.push({ pointer, depth, name, text: `${open}${close}${end}` })
  lines.push({ pointer, depth, name, text: open })
  members.forEach(([key, member], index) =>
    addValue(lines, member, {
      pointer: `${pointer}/${escapePointer(key)}`,
      depth: depth + 1,
      name: Array.isArray(value) ? '' : `${JSON.stringify(key)}: `,
      end: index === members.length - 1 ? '' : ',',
    }),
  )
  lines.push({ pointer, depth, name: '', text: `${close}${end}` })
}

/** Members of an object or elements of a list; `undefined` for scalars. */
export function membersOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).filter(([, member]) => member !== undefined)
}

/** One step of a JSON Pointer (RFC 6901). */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

function scalarText(value: unknown): string {
  if (typeof value !== 'string' || value.length <= MAX_TEXT) return JSON.stringify(value) ?? 'null'
  return `${JSON.stringify(value.slice(0, MAX_TEXT))}… (${value.length})`
}
