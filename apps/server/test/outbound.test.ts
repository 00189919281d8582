import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { makeFolder, startRelay } from './relay-process.ts'

const RECORDER = fileURLToPath(new URL('record-connections.ts', import.meta.url))

/** The demo upstream: a socket of the same process. */
const OWN = /^(?:connect \{"host":"127\.0\.0\.1","port":"?\d+"?\}|lookup "127\.0\.0\.1")$/

test('a default install talks to its own demo upstream and to nobody else', async () => {
  const folder = makeFolder()
  const file = join(folder.path, 'connections')
  const relay = await startRelay({
    folder: folder.path,
    environment: {
      DATA_DIR: join(folder.path, 'data'),
      NODE_OPTIONS: `--import ${RECORDER}`,
      RECORD_CONNECTIONS: file,
    },
  })
  const ask = async (path: string, init?: RequestInit): Promise<number> => (await fetch(relay.url + path, init)).status
  const headers = { 'x-api-key': relay.welcome['relayKey'] ?? '', 'content-type': 'application/json' }
  const messages = [{ role: 'user', content: 'hi' }]
  const body = JSON.stringify({ model: relay.welcome['demoModel'], max_tokens: 9, messages })
  expect(await ask('/v1/messages', { method: 'POST', headers, body })).toBe(200)
  expect(await ask('/v1/messages/count_tokens', { method: 'POST', headers, body })).toBe(200)
  expect(await ask('/v1/models', { headers })).toBe(200)
  expect(await ask('/admin-next/')).toBe(200)
  relay.signal('SIGTERM')
  await relay.ended

  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const elsewhere = lines.filter((line) => !OWN.test(line))
  expect(lines.length).toBeGreaterThan(0)
  expect(elsewhere).toEqual([])
  folder.remove()
})
