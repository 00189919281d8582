import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

import { expect, onTestFinished, test } from 'vitest'

import { isRunning } from './is-running.ts'

function run(script: string): ChildProcess {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

test('a process runs until it has ended', async () => {
  const child = run('exec sleep 60')
  await once(child, 'spawn')
  expect(isRunning(child.pid ?? 0)).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isRunning(child.pid ?? 0)).toBe(false)
})

test('a process of somebody else runs', () => {
  expect(isRunning(1)).toBe(true)
})

// No other system tells the state of a process in a file.
test.runIf(process.platform === 'linux')(
  'a process that ended, and whose parent never asked how, does not run',
  async () => {
    const { stdout } = run('sleep 0 & echo $!; exec sleep 60')
    if (stdout === null) throw new Error('the shell has no output')
    const pid = Number(await once(createInterface({ input: stdout }), 'line'))
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ')
    expect(() => process.kill(pid, 0)).not.toThrow() // its number is still taken
    expect(isRunning(pid)).toBe(false)
  },
)
