import type { Log } from './observe/log.ts'

/** A part of the running relay. */
export interface Closable {
  readonly name: string
  close(): Promise<void>
}

interface ClosingRooms {
  readonly log: Pick<Log, 'error'>
  /** For each part. */
  readonly limitMs: number
}

/** Last opened, first closed; one that fails or hangs does not keep the others from closing. */
export async function closeAll(open: readonly Closable[], { log, limitMs }: ClosingRooms): Promise<void> {
  for (const { name, close } of open.toReversed()) {
    try {
      await withLimit(close(), limitMs)
    } catch (error) {
      log.error({ error, part: name }, 'closing failed')
    }
  }
}

async function withLimit(work: Promise<void>, limitMs: number): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`not closed after ${limitMs} ms`)), limitMs)
  try {
    await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
