import { execFileSync, type ExecFileSyncOptions } from 'node:child_process'

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/**
 * Runs a program to its end.
 *
 * @returns its standard output, without the line end
 * @throws Error with what it wrote to standard error, when it fails
 */
export function run(program: string, words: readonly string[], options: ExecFileSyncOptions = {}): string {
  const output = execFileSync(program, words, { maxBuffer: MAX_OUTPUT_BYTES, ...options, encoding: 'utf8' })
  return output.trimEnd()
}

/** Tells whoever waits what happens now. */
export function say(progress: string): void {
  process.stderr.write(`${progress}\n`)
}

/**
 * Refuses to begin where a program is missing.
 *
 * @throws Error that names what to install
 */
export function requirePrograms(programs: readonly string[]): void {
  const missing = programs.filter((program) => !isThere(program))
  if (missing.length === 0) return
  throw new Error(
    `${missing.join(', ')} not found; on Debian: apt-get install --no-install-recommends ${missing.join(' ')}`,
  )
}

function isThere(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false // the shell says so with its exit code
  }
}
