import { existsSync, readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Loaded before a measured program (`--import`): tells over IPC what the process has used, so that the program itself
 * needs no change. `cpu` is microseconds of all threads, `memory` resident bytes after a full collection, `objects` the bytes of
 * what lives then.
 */
process.on('message', (question) => {
  process.send?.(ANSWERS.get(question)?.())
})
process.channel?.unref() // asking does not keep the process alive
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM')) // nor does the program outlive who asks

const ANSWERS: ReadonlyMap<unknown, () => number> = new Map([
  ['cpu', cpuMicroseconds],
  ['memory', residentBytes],
  ['objects', liveBytes],
  ['descriptors', openDescriptors],
])

function openDescriptors(): number {
  const folder = '/proc/self/fd'
  return existsSync(folder) ? readdirSync(folder).length : 0
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function residentBytes(): number {
  collect()
  return process.memoryUsage.rss()
}

/** Also what objects hold outside of the heap. */
function liveBytes(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function collect(): void {
  setFlagsFromString('--expose-gc')
  const collectAll = runInNewContext('gc') as () => void // what the flag defines
  collectAll()
}
