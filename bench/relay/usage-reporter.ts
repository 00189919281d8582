import { existsSync, readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Loaded before a measured program (`--import`): tells over IPC what the process has used, so that the program itself
 * needs no change. `cpu` is microseconds of all threads, `memory` resident bytes after a full collection.
 */
process.on('message', (question) => {
  process.send?.(ANSWERS.get(question)?.())
})
process.channel?.unref() // asking does not keep the process alive
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM')) // nor does the program outlive who asks

const ANSWERS: ReadonlyMap<unknown, () => number> = new Map([
  ['cpu', cpuMicroseconds],
  ['memory', residentBytes],
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
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // what the flag defines
  collect()
  return process.memoryUsage.rss()
}
