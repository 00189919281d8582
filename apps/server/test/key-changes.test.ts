import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { AccountStore, RelayKey } from '@relay/account-store'
import { describe, expect, test, type TestContext } from 'vitest'

import { ask, canned, DIALECTS, readError } from './dialects.ts'
import { accountFor, eventually, openStage, type TestRelay } from './harness.ts'

const HOUR_MS = 3_600_000

/** What a key may not do takes nothing of what it has left. */
describe.concurrent('the order of the questions', () => {
  test.for(DIALECTS)(
    '%s: what a key may not do is told before its limits, and takes nothing of them',
    async (dialect, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(canned(dialect).script)
      const key = {
        permissions: { models: ['allowed'] },
        maxConcurrency: 1,
        rateLimits: [{ counts: 'requests', windowMs: HOUR_MS, max: 1 }] as const,
      }
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)], key })
      const statusOf = async (model: string): Promise<number> =>
        (await ask(relay, dialect, { isStream: false, body: { model } })).status
      const forbidden = dialect === 'claude' ? 403 : 400
      expect(await statusOf('forbidden')).toBe(forbidden)
      expect(await statusOf('forbidden')).toBe(forbidden)
      expect(await statusOf('allowed')).toBe(200)
      expect(await statusOf('allowed')).toBe(429)
      expect(await statusOf('forbidden')).toBe(forbidden)
      await relay.idle()
    },
  )

  test('a key that is none is told so before anything else', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [] })
    const headers = { 'x-api-key': 'rk_nobody_has_it' }
    const refused = await relay.post('/v1/chat/completions', 'no JSON', { headers })
    expect(await readError('chat', refused)).toMatchObject({ status: 401, code: 'invalid_api_key' })
  })
})

interface Change {
  readonly what: string
  make(store: AccountStore, key: RelayKey): Promise<unknown>
  readonly status: number
}

const changes: readonly Change[] = [
  { what: 'disabled', make: (store, { id }) => store.updateRelayKey(id, { enabled: false }), status: 401 },
  { what: 'deleted', make: (store, { id }) => store.revokeRelayKey(id), status: 401 },
  { what: 'ended', make: (store, { id }) => store.updateRelayKey(id, { expiresAt: Date.now() - 1 }), status: 401 },
  {
    what: 'given other models',
    make: (store, { id }) => store.updateRelayKey(id, { permissions: { models: ['other'] } }),
    status: 400,
  },
  {
    what: 'given a window that is used up',
    make: (store, { id }) =>
      store.updateRelayKey(id, { rateLimits: [{ counts: 'requests', windowMs: HOUR_MS, max: 1 }] }),
    status: 429,
  },
]

async function openTwo(context: TestContext): Promise<readonly [TestRelay, TestRelay]> {
  const storeFile = join(await mkdtemp(join(tmpdir(), 'relay-keys-')), 'relay.db')
  context.onTestFinished(() => rm(dirname(storeFile), { recursive: true, force: true }))
  const stage = openStage(context)
  const upstream = await stage.upstream(canned('chat').script)
  const one = await stage.relay({ accounts: [accountFor(upstream, 'chat')], storeFile })
  return [one, await stage.relay({ accounts: [], key: { name: 'another' }, storeFile })]
}

describe.concurrent('a key that is changed on another node', () => {
  test.for(changes)('and $what is refused within a second', async ({ make, status }, context) => {
    const [one, two] = await openTwo(context)
    const statusAt = async ({ url }: TestRelay): Promise<number> =>
      (await ask({ ...two, url, key: one.key, post: postTo(url, one.key) }, 'chat', { isStream: false })).status
    for (const relay of [one, two, one, two]) expect(await statusAt(relay)).toBe(200)
    const key = (await one.store.listRelayKeys()).find(({ name }) => name === 'tests')
    if (key === undefined) throw new Error('the test has made no key')
    await make(one.store, key)
    await eventually('the other node serves it still', async () => (await statusAt(two)) === status, 1_000)
  })
})

function postTo(url: string, key: string): TestRelay['post'] {
  return (path, body) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { 'x-api-key': key }, body: JSON.stringify(body) })
}
