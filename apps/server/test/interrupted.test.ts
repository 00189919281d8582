import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { openSqliteStore } from '@relay/account-store'
import { chatAnswer, startFakeUpstream } from '@relay/upstreams/testing'
import type { FakeAnswer, FakeScript } from '@relay/upstreams/testing'
import { expect, onTestFinished, test } from 'vitest'

import { accountFor } from './harness.ts'
import { makeFolder, startRelay } from './relay-process.ts'

const ENCRYPTION_KEY = 'vP4-encryption-of-the-killed-tests-c2Rm'
const JWT_SECRET = 'yH8-sessions-of-the-killed-tests-k5Jw-30'

/** A relay in a process of its own, with one account and one key. */
async function openCase(script: FakeAnswer | FakeScript) {
  const folder = makeFolder()
  const upstream = await startFakeUpstream(script)
  onTestFinished(async () => {
    await upstream.close()
    folder.remove()
  })
  const dataDir = join(folder.path, 'data')
  const options = { folder: folder.path, environment: { DATA_DIR: dataDir, ENCRYPTION_KEY, JWT_SECRET } }
  const store = await openSqliteStore({ path: join(dataDir, 'relay.db'), encryptionKey: ENCRYPTION_KEY })
  await store.createAccount(accountFor(upstream, 'chat'))
  const { secret } = await store.createRelayKey({ name: 'laptop' })
  const first = await startRelay(options)
  const body = JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }] })
  const init = { method: 'POST', headers: { 'x-api-key': secret, 'content-type': 'application/json' }, body }
  const request = fetch(`${first.url}/v1/chat/completions`, init).catch(() => undefined)
  await expect.poll(() => upstream.requests.length, { timeout: 20_000 }).toBe(1)
  return { dataDir, options, store, first, request }
}

test('a request that runs while its process is killed is recorded at the next start', async () => {
  const { dataDir, options, store, first, request } = await openCase({ kind: 'silence' })
  // Whatever runs for more than a second is noted where others see it.
  await expect.poll(() => countNoted(join(dataDir, 'relay.db')), { timeout: 20_000 }).toBe(1)
  first.signal('SIGKILL')
  await Promise.all([first.ended, request])

  const second = await startRelay(options)
  const records = async (): Promise<unknown> => (await store.listUsage()).records
  await expect
    .poll(records, { timeout: 20_000 })
    .toMatchObject([{ keyName: 'laptop', modelAsked: 'gpt-5', reason: 'shutdown' }])
  second.signal('SIGTERM')
  await second.ended
  await store.close()
})

test('a request that runs while the terminal goes is answered', async () => {
  const answer = chatAnswer({ text: 'to the end' })
  const { store, first, request } = await openCase((asked) => answer.reply(asked, { headersDelayMs: 2_500 }))
  first.signal('SIGHUP')
  await expect.poll(first.stdout, { timeout: 20_000 }).toContain('SIGHUP')
  first.signal('SIGHUP') // a shell in between passes it on
  expect(await (await request)?.text()).toContain('to the end')
  expect((await first.ended).exitCode).toBe(0)
  await store.close()
})

function countNoted(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database.prepare('SELECT count(*) AS count FROM running_requests').get()?.['count']
  } finally {
    database.close()
  }
}
