/**
 * One server-sent event.
 *
 * @param data - one line of text, as `JSON.stringify` makes it
 * @param event - written as an `event:` line before the data when given
 */
export function encodeSse(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`
}

/** A comment frame: a keep-alive that every client ignores. */
export const KEEP_ALIVE_COMMENT = ': keep-alive\n\n'
