/**
 * What a start does not need is read from files of its own when it is asked for. Whoever takes them away, or replaces them by
 * those of another build, while the program runs, has to start it again.
 */
export function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && MISSING.has(error.code)
}

const MISSING: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])

/** What a promise gives, made once; one that failed is made anew when it is next asked for. */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
