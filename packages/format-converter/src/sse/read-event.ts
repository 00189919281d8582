/** Name and data of one whole event. */
export interface EventView {
  readonly name: string | undefined
  /** Data lines joined by LF and trimmed; `undefined` = nothing to look at (a comment, an empty payload, `null`). */
  readonly data: string | undefined
}

const LINE_END = /\r\n|\n|\r/

/** Finds name and data of one whole event in its text. */
export function readEvent(text: string): EventView {
  let name: string | undefined
  let data: string | undefined
  for (const line of text.split(LINE_END)) {
    if (line.startsWith('data:')) data = data === undefined ? fieldValue(line, 5) : `${data}\n${fieldValue(line, 5)}`
    else if (line.startsWith('event:')) name = fieldValue(line, 6)
  }
  const trimmed = data?.trim()
  return { name, data: trimmed === '' || trimmed === 'null' ? undefined : trimmed }
}

function fieldValue(line: string, start: number): string {
  return line.charCodeAt(start) === 32 ? line.slice(start + 1) : line.slice(start)
}
