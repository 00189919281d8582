import { vi } from 'vitest'

import { runCommandLine } from '../src/cli/run-command.ts'
import type { RelayRun } from './relay-process.ts'

export type Environment = Readonly<Record<string, string>>

/** Runs a command in this process: what `relay` itself calls, without the half second that a process takes to begin. One at a time. */
export async function runHere(words: readonly string[], environment: Environment): Promise<RelayRun> {
  const [stdout, stderr] = [listenTo(process.stdout), listenTo(process.stderr)]
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  try {
    const exitCode = await runCommandLine(words)
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() }
  } finally {
    vi.unstubAllEnvs()
    for (const output of [stdout, stderr]) output.stop()
  }
}

/** What is written there goes nowhere else. */
function listenTo(output: NodeJS.WriteStream): { text(): string; stop(): void } {
  let text = ''
  const spy = vi.spyOn(output, 'write').mockImplementation((chunk, encoding, done) => {
    text += String(chunk)
    const written = typeof encoding === 'function' ? encoding : done
    written?.()
    return true
  })
  return { text: () => text, stop: () => spy.mockRestore() }
}
