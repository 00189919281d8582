import { userInfo } from 'node:os'

import { openSqliteStore } from '@relay/account-store'
import type { AccountStore } from '@relay/account-store'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { auditedStore, createDeedNotes } from './audited-store.ts'

const SECRET = 'a secret of the tests, long enough '.repeat(2)
const CREDENTIAL = 'canary-credential-5d1e77'

let store: AccountStore
let audited: AccountStore
let troubles: string[] = []

beforeEach(async () => {
  troubles = []
  store = await openSqliteStore({ path: ':memory:', encryptionKey: SECRET, sessionSecret: SECRET })
  audited = auditedStore(
    store,
    createDeedNotes(store, (message) => troubles.push(message)),
  )
})

afterEach(async () => store.close())

test('what a command changes is in the log of actions, with who did it and what changed, and without a secret', async () => {
  const account = await audited.createAccount({
    name: 'main',
    type: 'openai-chat',
    baseUrl: 'https://upstream.example',
    credential: CREDENTIAL,
    proxyUrl: `http://me:${CREDENTIAL}@proxy.example`,
  })
  await audited.updateAccount(account.id, { priority: 7 })
  const { relayKey, secret } = await audited.createRelayKey({ name: 'laptop' })
  await audited.updateRelayKey(relayKey.id, { maxConcurrency: 3 })
  const rotated = await audited.rotateRelayKey(relayKey.id, { overlapMs: 0 })
  await audited.revokeRelayKey(relayKey.id)
  await audited.restoreRelayKey(relayKey.id)
  await audited.setBudgetHolder({ kind: 'team', name: 'core', maxConcurrency: 2 })
  await audited.removeBudgetHolder({ kind: 'team', name: 'core' })
  await audited.writeSetting('routing', '{}')
  await audited.clearAccountState(account.id)
  await audited.removeAccount(account.id)
  const entries = (await store.listAudit({})).entries.toReversed()
  expect(entries.map(({ action }) => action)).toEqual([
    'account.create',
    'account.update',
    'key.create',
    'key.update',
    'key.rotate',
    'key.revoke',
    'key.restore',
    'holder.update',
    'holder.remove',
    'settings.update',
    'account.clear-state',
    'account.remove',
  ])
  expect(new Set(entries.map(({ actor }) => JSON.stringify(actor)))).toEqual(
    new Set([JSON.stringify({ kind: 'command', name: userInfo().username })]),
  )
  expect(entries[1]).toMatchObject({ object: { kind: 'account', name: 'main' }, before: {}, after: { priority: 7 } })
  expect(entries[3]).toMatchObject({ before: { maxConcurrency: 0 }, after: { maxConcurrency: 3 } })
  const text = JSON.stringify(entries)
  for (const canary of [CREDENTIAL, secret, rotated.secret]) expect(text).not.toContain(canary)
})

test('what could not be written down is told, and the work is done all the same', async () => {
  const broken = { recordAudit: () => Promise.reject(new Error('no room')) }
  const deaf = auditedStore(
    store,
    createDeedNotes(broken, (message) => troubles.push(message)),
  )
  await deaf.createRelayKey({ name: 'laptop' })
  expect(await store.listRelayKeys()).toHaveLength(1)
  expect(troubles).toEqual([expect.stringContaining('key.create')])
})

test('a change that is refused is not written down', async () => {
  await expect(audited.updateRelayKey('nobody', { enabled: false })).rejects.toMatchObject({ code: 'not-found' })
  expect((await store.listAudit({})).entries).toEqual([])
})
