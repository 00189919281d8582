import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { openSqliteStore } from '@relay/account-store'
import type { UsageRecord } from '@relay/account-store'

import { eventually } from './harness.ts'
import { makeFolder, startRelay } from './relay-process.ts'
import type { RelayRunOptions } from './relay-process.ts'

/** A relay in a process of its own, set up by a configuration file. */
export interface RelayProcess {
  readonly url: string
  /** The secret of the one relay key. */
  readonly key: string
  /** Everything the process has written to its standard output so far. */
  readonly log: () => string
  /** The same of its standard error. */
  readonly errors: () => string
  /** The folder with everything the process keeps. */
  readonly dataDir: string
  /** The usage records since the last call, oldest first, once there are at least this many; read from the process's own store. */
  newRecords(count: number): Promise<readonly UsageRecord[]>
  /** Asks the process to stop and waits for its end; rejects when it was no orderly one. */
  stop(): Promise<void>
}

const RELAY_KEY = 'rk-key-of-the-process-tests-0001'
const ENCRYPTION_KEY = 'kJ8-encryption-of-the-process-tests-x3Zq'
const JWT_SECRET = 'vN2-sessions-of-the-process-tests-w9Lp-71'

/** Starts the real command on `relay.config.json` with these accounts. */
export async function startRelayProcess(
  accounts: readonly object[],
  options: Pick<RelayRunOptions, 'limitMs' | 'command'> = {},
): Promise<RelayProcess> {
  const folder = makeFolder()
  const configFile = join(folder.path, 'relay.config.json')
  const dataDir = join(folder.path, 'data')
  const keys = [{ name: 'tests', secret: '${TEST_RELAY_KEY}', maxConcurrency: 50 }]
  writeFileSync(configFile, JSON.stringify({ accounts, keys }))
  const server = await startRelay({
    ...options,
    folder: folder.path,
    environment: { DATA_DIR: dataDir, RELAY_CONFIG: configFile, TEST_RELAY_KEY: RELAY_KEY, ENCRYPTION_KEY, JWT_SECRET },
  })
  const store = await openSqliteStore({ path: join(dataDir, 'relay.db'), encryptionKey: ENCRYPTION_KEY })
  const seen = new Set<string>()

  async function listNew(): Promise<readonly UsageRecord[]> {
    const { records } = await store.listUsage({ limit: 500 })
    return records.filter(({ requestId }) => !seen.has(requestId)).toReversed()
  }

  async function newRecords(count: number): Promise<readonly UsageRecord[]> {
    await eventually(`there are not ${count} new records`, async () => (await listNew()).length >= count)
    const records = await listNew()
    for (const { requestId } of records) seen.add(requestId)
    return records
  }

  async function stop(): Promise<void> {
    server.signal('SIGTERM')
    const { exitCode, stderr } = await server.ended
    await store.close()
    folder.remove()
    if (exitCode !== 0) throw new Error(`the relay ended with ${exitCode}: ${stderr}`)
  }

  return { url: server.url, key: RELAY_KEY, log: server.stdout, errors: server.stderr, dataDir, newRecords, stop }
}
