import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import type { TestContext } from 'vitest'
import { expect, test } from 'vitest'

import { makeFolder } from '../../test/relay-process.ts'
import { readConfig } from '../config/config.ts'
import { startDailyBackup } from './daily-backup.ts'

const DAY_MS = 86_400_000
/** That nothing happens can only be waited for: time for many looks. */
const SOME_LOOKS_MS = 150

interface Bench {
  readonly said: string[]
  /** How many backups were asked for. */
  made(): number
  /** Lays a backup of this age into the folder. */
  lay(ageMs: number): void
  stop(): void
}

/** A server's timer that looks every few milliseconds; a backup that goes well leaves a file. */
function openBench({ onTestFinished }: TestContext, { kept = '7', code = 0 } = {}): Bench {
  const folder = makeFolder()
  const said: string[] = []
  let count = 0
  const lay = (ageMs: number): void => {
    const path = join(folder.path, 'backups', `relay-20260101T00000${count}Z.db`)
    mkdirSync(join(folder.path, 'backups'), { recursive: true })
    writeFileSync(path, 'a backup')
    utimesSync(path, new Date(), new Date(Date.now() - ageMs))
  }
  const environment = {
    DATA_DIR: folder.path,
    ENCRYPTION_KEY: 'e5Rk-encryption-of-the-timer-tests-9sXq2',
    JWT_SECRET: 'j7Wp-sessions-of-the-timer-tests-3nVb8-00',
    RELAY_BACKUPS: kept,
  }
  const { stop } = startDailyBackup({
    config: readConfig(environment),
    environment,
    log: { info: (_: object, text: string) => said.push(text), error: (_: object, text: string) => said.push(text) },
    rhythm: { firstMs: 5, everyMs: 10 },
    backUp: async () => {
      count += 1
      if (code === 0) lay(0)
      return { code, message: '' }
    },
  })
  onTestFinished(() => {
    stop()
    folder.remove()
  })
  return { said, made: () => count, lay, stop }
}

test('a backup is made where there is none, and once', async (context) => {
  const bench = openBench(context)
  await expect.poll(() => bench.said[0]).toBe('the daily backup was made')
  await wait(SOME_LOOKS_MS)
  expect(bench.made()).toBe(1)
})

test('a backup is made when the newest is more than a day old', async (context) => {
  const bench = openBench(context)
  bench.lay(2 * DAY_MS)
  await expect.poll(() => bench.said).toEqual(['the daily backup was made'])
})

test('one that failed is told and tried again, until there is one of today', async (context) => {
  const bench = openBench(context, { code: 1 })
  await expect.poll(() => bench.said.length).toBeGreaterThan(2)
  expect(new Set(bench.said)).toEqual(new Set(['the daily backup could not be made']))
  bench.lay(DAY_MS / 2)
  const before = bench.made()
  await wait(SOME_LOOKS_MS)
  // A look that had begun may still have ended.
  expect(bench.made()).toBeLessThanOrEqual(before + 1)
})

test('none is made where none is wanted, or after the stop', async (context) => {
  const unwanted = openBench(context, { kept: '0' })
  const stopped = openBench(context)
  stopped.stop()
  await wait(SOME_LOOKS_MS)
  expect([unwanted.made(), stopped.made()]).toEqual([0, 0])
})
