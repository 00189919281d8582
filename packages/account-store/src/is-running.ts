import { readFileSync } from 'node:fs'

/**
 * Whether a process of this machine does anything any more. One that has ended keeps its number until its parent asks how it
 * ended, in a container sometimes for ever; where the system tells of such a state (Linux), it counts as ended.
 */
export function isRunning(pid: number): boolean {
  return hasNumber(pid) && !ENDED_STATES.has(readState(pid))
}

/** Zombie and dead (proc_pid_stat(5)). */
const ENDED_STATES: ReadonlySet<string | undefined> = new Set(['Z', 'X', 'x'])

function hasNumber(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' // it lives, and belongs to somebody else
  }
}

/** The letter behind the program's name, which stands in brackets and may hold any of its own. */
function readState(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text[text.lastIndexOf(')') + 2]
  } catch {
    return undefined // another system, or one that hides the processes of others
  }
}
