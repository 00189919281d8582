import { statSync } from 'node:fs'

/**
 * What a start does not need is read from files of its own when it is asked for. Whoever takes them away, or replaces them by
 * those of another build, while the program runs, has to start it again.
 */
export function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && MISSING.has(error.code)
}

const REPLACED = 'RELAY_FILE_REPLACED'
const MISSING: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', REPLACED])

/**
 * Remembers which file lies there. Most files of a build have names that their content decides; one that has the same name
 * in every build is asked for this way, so that no two builds are mixed.
 *
 * @returns throws, as for a missing file, when another one or none lies there
 */
export function rememberFile(file: URL): () => void {
  const before = identityOf(file)
  return () => {
    if (identityOf(file) === before) return
    throw Object.assign(new Error(`${file.pathname} is not the file of this build any more`), { code: REPLACED })
  }
}

function identityOf(file: URL): string | undefined {
  const stat = file.protocol === 'file:' ? statSync(file, { throwIfNoEntry: false }) : undefined
  return stat && `${stat.ino} ${stat.size} ${stat.mtimeMs}`
}

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
