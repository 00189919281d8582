/** Lines that go out together: a system call for each costs more than the line. */
export interface LineBatch {
  /** @param line - with its line end */
  write(line: string): void
  /** Hands over what waits, at once. */
  release(): void
}

export interface LineBatchInit {
  readonly output: { write(lines: string): unknown }
  /** So much is handed over at once. */
  readonly maxCharacters: number
  /** A line waits no longer than this. */
  readonly maxMs: number
}

export function createLineBatch({ output, maxCharacters, maxMs }: LineBatchInit): LineBatch {
  let waiting = ''
  let timer: NodeJS.Timeout | undefined

  function release(): void {
    clearTimeout(timer)
    timer = undefined
    const lines = waiting
    waiting = ''
    if (lines !== '') output.write(lines)
  }

  function write(line: string): void {
    waiting += line // not looked at until it goes, so that nothing is copied
    if (waiting.length >= maxCharacters) release()
    else timer ??= setTimeout(release, maxMs) // the process does not end before
  }

  return { write, release }
}
