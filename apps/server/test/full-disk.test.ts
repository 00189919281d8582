import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openSqliteStore } from '@relay/account-store'
import type { TestContext } from 'vitest'
import { expect, test } from 'vitest'

import { ask, canned } from './dialects.ts'
import { accountFor, eventually, openStage } from './harness.ts'
import { runHere } from './run-here.ts'

const SECRET = 'a secret of the tests, long enough '.repeat(2)
/** Once there is room again (reliability 9.3), and what a busy machine adds. */
const RECOVERY_MS = 10_000

/** A file system of a few megabytes in memory; `undefined` where this process may not make one. */
function mountSmallDisk({ onTestFinished }: TestContext): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'relay-small-disk-'))
  onTestFinished(() => rmdirSync(folder))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' }))
  return folder
}

test('with a disk that is really full limited keys are served within their limits, and nothing is lost', async (context) => {
  const disk = mountSmallDisk(context)
  if (disk === undefined) return context.skip('mounting a small file system is not allowed here')
  const secrets = { encryptionKey: SECRET, sessionSecret: SECRET }
  const store = await openSqliteStore({ path: join(disk, 'relay.db'), ...secrets })
  const stage = openStage(context)
  const upstream = await stage.upstream(canned('chat').script)
  const accounts = [accountFor(upstream, 'chat', { maxConcurrency: 50, dailyQuota: { limitMicroUsd: 1_000_000_000 } })]
  const key = { maxConcurrency: 50, rateLimits: [{ counts: 'requests', windowMs: 86_400_000, max: 20 }] } as const
  const relay = await stage.relay({ store, accounts, key })
  expect((await ask(relay, 'claude', { isStream: false })).status).toBe(200)
  await store.flushUsage()

  const filler = join(disk, 'filler')
  fill(disk, filler)
  await expect(store.writeSetting('note', 'v'.repeat(20_000))).rejects.toMatchObject({ code: 'store-full' })
  const answers = await Promise.all(Array.from({ length: 40 }, async () => ask(relay, 'claude', { isStream: false })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(19)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(21)

  rmSync(filler)
  const served = async (): Promise<number> => (await store.sumUsage().catch(() => ({ requests: 0 }))).requests
  await eventually('not all is written', async () => (await served()) === 20, RECOVERY_MS)
  const [relayKey] = await store.listRelayKeys()
  const counted = async (): Promise<number | undefined> =>
    relayKey && (await store.readBounds(relayKey)).find(({ bound }) => bound.type === 'window')?.used
  await eventually('not all is counted', async () => (await counted()) === 20, RECOVERY_MS)
  expect((await ask(relay, 'claude', { isStream: false })).status).toBe(429)
})

test('the doctor says that the disk is full', async (context) => {
  const disk = mountSmallDisk(context)
  if (disk === undefined) return context.skip('mounting a small file system is not allowed here')
  const [encryptionKey, sessionSecret] = [randomBytes(48), randomBytes(48)].map((bytes) => bytes.toString('base64url'))
  const environment = { DATA_DIR: disk, ENCRYPTION_KEY: encryptionKey ?? '', JWT_SECRET: sessionSecret ?? '' }
  const run = await runHere(['doctor', '--json'], environment)
  expect(run.exitCode).toBe(1)
  expect(run.stdout).toMatch(
    /"check":"data folder","level":"fail","message":"[^"]* MB are free on its disk; make room"/,
  )
})

/** Leaves not a byte. */
function fill(disk: string, file: string): void {
  for (let bytes = statfsSync(disk).bavail * statfsSync(disk).bsize; bytes > 0; bytes -= 1024) {
    try {
      writeFileSync(file, Buffer.alloc(bytes))
      return
    } catch {
      // One page less.
    }
  }
}
