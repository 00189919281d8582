import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

import { relayKeyStatus } from '../relay-key.ts'
import type { StoreCase } from './stage.ts'
import { expectCode, soon, usageRecord } from './stage.ts'

/** Relay keys. */
export const RELAY_KEY_CASES: readonly StoreCase[] = [
  {
    name: 'a relay key is found by its secret on every node, and only by it',
    play: async ({ first, second }) => {
      const { relayKey, secret } = await first.createRelayKey({ name: 'team' })
      assert.match(secret, /^rk-[\w-]{43}$/)
      assert.equal(relayKey.secretLastFour, secret.slice(-4))
      await soon(async () => (await second.findRelayKey(secret)) !== undefined)
      assert.deepEqual(await second.findRelayKey(secret), relayKey)
      assert.deepEqual(await second.findRelayKey(secret), relayKey)
      for (const wrong of ['', secret.slice(0, -1), `${secret}x`, secret.toLowerCase(), 'x'.repeat(10_000)]) {
        assert.equal(await second.findRelayKey(wrong), undefined)
      }
    },
  },
  {
    name: 'the secret of a relay key is in no later answer',
    play: async ({ first }) => {
      const { relayKey, secret } = await first.createRelayKey({ name: 'team' })
      const shown = [relayKey, await first.listRelayKeys(), await first.getRelayKey(relayKey.id)]
      assert.ok(!JSON.stringify(shown).includes(secret.slice(3, -4)))
    },
  },
  {
    name: 'a relay key gets its defaults and keeps what it is given',
    play: async ({ first }) => {
      const plain = (await first.createRelayKey({ name: 'plain' })).relayKey
      assert.deepEqual(
        [plain.owner, plain.team, plain.lossPolicy, plain.maxConcurrency, plain.expiresAt, plain.enabled],
        ['admin', undefined, 'warn', 0, undefined, true],
      )
      const settings = {
        name: 'full',
        owner: 'li',
        team: 'research',
        tags: ['ci'],
        note: 'for the nightly run,\nask Li',
        permissions: {
          formats: ['openai-chat'],
          models: ['gpt-*'],
          accounts: ['a'],
          groups: ['research'],
          addresses: ['10.0.0.0/8', '2001:db8::1'],
        },
        maxConcurrency: 4,
        concurrencyQueue: { maxWaiting: 10, maxWaitMs: 5000 },
        rateLimits: [
          { counts: 'requests', windowMs: 60_000, max: 100 },
          { counts: 'tokens', windowMs: 3_600_000, max: 1_000_000 },
          { counts: 'cost', windowMs: 3_600_000, max: 2_000_000 },
        ],
        budget: { timeZone: 'Europe/Berlin', dayMicroUsd: 1, weekMicroUsd: 2, monthMicroUsd: 3, totalMicroUsd: 4 },
        expiresAfterFirstUseMs: 86_400_000,
        expiresAt: 1_800_000_000_000,
        lossPolicy: 'reject',
        enabled: false,
      } as const
      const full = (await first.createRelayKey(settings)).relayKey
      assert.deepEqual({ ...full, ...settings }, full)
      const budgeted = await first.updateRelayKey(full.id, { budget: { dayMicroUsd: 9 } })
      assert.deepEqual(budgeted.budget, { ...settings.budget, dayMicroUsd: 9 })
      const cleared = await first.updateRelayKey(full.id, { team: null, expiresAt: null, enabled: true })
      assert.deepEqual([cleared.team, cleared.expiresAt, cleared.owner], [undefined, undefined, 'li'])
    },
  },
  {
    name: 'a rotated key has a new secret at once, and the old one for as long as was said, on every node',
    play: async ({ first, second, clock }) => {
      const { relayKey, secret: old } = await first.createRelayKey({ name: 'team' })
      await soon(async () => (await second.findRelayKey(old)) !== undefined)
      const rotated = await first.rotateRelayKey(relayKey.id, { overlapMs: 60_000 })
      assert.equal(rotated.relayKey.oldSecretEndsAt, clock.now() + 60_000)
      assert.equal(rotated.relayKey.secretLastFour, rotated.secret.slice(-4))
      await soon(async () => (await second.findRelayKey(rotated.secret))?.id === relayKey.id)
      assert.equal((await second.findRelayKey(old))?.id, relayKey.id)
      clock.move(60_000)
      await soon(async () => (await second.findRelayKey(old)) === undefined)
      assert.equal(await first.findRelayKey(old), undefined)
      const again = await second.rotateRelayKey(relayKey.id, { overlapMs: 0 })
      await soon(async () => (await first.findRelayKey(rotated.secret)) === undefined)
      assert.equal((await first.findRelayKey(again.secret))?.id, relayKey.id)
      await expectCode('invalid-input', first.rotateRelayKey(relayKey.id, { overlapMs: -1 }))
      await expectCode('not-found', first.rotateRelayKey('nobody', { overlapMs: 0 }))
    },
  },
  {
    name: 'a key of another system is found by what its holder has, and from then on by our own hash',
    play: async ({ first, second, clock }) => {
      const secret = 'cr_0123456789abcdef0123456789abcdef'
      const suffix = 'an encryption key of thirty-two characters'
      const hash = createHash('sha256')
        .update(secret + suffix)
        .digest('hex')
      const foreignHash = { scheme: 'sha256-suffix', suffix, hash } as const
      const imported = await first.importRelayKey({
        name: 'old',
        owner: 'li',
        foreignHash,
        createdAt: 5,
        lastUsedAt: 7,
      })
      assert.deepEqual(
        [imported.owner, imported.createdAt, imported.lastUsedAt, imported.secretLastFour],
        ['li', 5, 7, ''],
      )
      const taken = await expectCode('secret-taken', first.importRelayKey({ name: 'twice', foreignHash }))
      assert.ok(taken.startsWith('the hash imported for the relay key "twice" belongs to the relay key "old"'), taken)
      await expectCode(
        'name-taken',
        first.importRelayKey({ name: 'old', foreignHash: { ...foreignHash, hash: '0'.repeat(64) } }),
      )
      for (const wrong of [hash, `${secret}${suffix}`, `sha256-suffix:${hash}`]) {
        assert.equal(await second.findRelayKey(wrong), undefined)
      }
      await soon(async () => (await second.findRelayKey(secret))?.id === imported.id)
      assert.equal((await second.getRelayKey(imported.id))?.secretLastFour, secret.slice(-4))
      await soon(async () => (await first.findRelayKey(secret))?.secretLastFour === secret.slice(-4))
      await first.importRelayKey({ name: 'other', foreignHash: { ...foreignHash, hash: '1'.repeat(64) } })
      const rotated = await first.rotateRelayKey(imported.id, { overlapMs: 1000 })
      clock.move(1000)
      await soon(async () => (await second.findRelayKey(secret)) === undefined)
      assert.equal((await second.findRelayKey(rotated.secret))?.id, imported.id)
    },
  },
  {
    name: 'limits and networks that make no sense are refused by name',
    play: async ({ first }) => {
      const requests = { counts: 'requests', windowMs: 60_000, max: 1 }
      const wrong: readonly (readonly [field: string, input: object])[] = [
        ['rateLimits[0].windowMs ', { rateLimits: [{ ...requests, windowMs: 10 }] }],
        ['rateLimits[0].max ', { rateLimits: [{ ...requests, max: 0 }] }],
        ['rateLimits ', { rateLimits: [requests, { ...requests, max: 2 }] }],
        ['budget.dayMicroUsd ', { budget: { dayMicroUsd: -1 } }],
        ['budget.timeZone ', { budget: { timeZone: 'Nowhere' } }],
        ['budget ', { budget: { yearMicroUsd: 1 } }],
        ['permissions.addresses ', { permissions: { addresses: ['10.0.0.0/33'] } }],
        ['concurrencyQueue.maxWaitMs ', { concurrencyQueue: { maxWaiting: 1, maxWaitMs: 600_000 } }],
      ]
      for (const [field, input] of wrong) {
        const message = await expectCode('invalid-input', first.createRelayKey({ name: 'team', ...input }))
        assert.ok(message.startsWith(field), message)
      }
    },
  },
  {
    name: 'disabling and revoking reach every node within a second, and can be undone',
    play: async ({ first, second, clock }) => {
      const { relayKey, secret } = await first.createRelayKey({ name: 'team' })
      const statusIs = (status: string) => async () => {
        const found = await second.findRelayKey(secret)
        return found !== undefined && relayKeyStatus(found, clock.now()) === status
      }
      await soon(statusIs('active'))
      await first.updateRelayKey(relayKey.id, { enabled: false })
      await soon(statusIs('disabled'))
      await first.updateRelayKey(relayKey.id, { enabled: true })
      await soon(statusIs('active'))
      await first.revokeRelayKey(relayKey.id)
      await soon(statusIs('revoked'))
      assert.deepEqual(await first.listRelayKeys(), [])
      assert.equal((await first.listRelayKeys({ includeRevoked: true })).length, 1)
      await first.restoreRelayKey(relayKey.id)
      await soon(statusIs('active'))
    },
  },
  {
    name: 'a relay key expires at its time, not before',
    play: async ({ first, clock }) => {
      const { relayKey } = await first.createRelayKey({ name: 'short', expiresAt: clock.now() + 10 })
      assert.equal(relayKeyStatus(relayKey, clock.now() + 9), 'active')
      assert.equal(relayKeyStatus(relayKey, clock.now() + 10), 'expired')
    },
  },
  {
    name: 'a name is free again once its key is revoked, and the old key waits for another name',
    play: async ({ first, second }) => {
      const old = (await first.createRelayKey({ name: 'team' })).relayKey
      await expectCode('name-taken', second.createRelayKey({ name: 'team' }))
      await first.revokeRelayKey(old.id)
      await second.createRelayKey({ name: 'team' })
      await expectCode('name-taken', first.restoreRelayKey(old.id))
      await first.updateRelayKey(old.id, { name: 'team, old' })
      assert.equal((await first.restoreRelayKey(old.id)).revokedAt, undefined)
    },
  },
  {
    name: 'using a relay key is noted with its usage',
    play: async ({ first, second }) => {
      const { relayKey } = await first.createRelayKey({ name: 'team' })
      first.recordUsage(usageRecord({ keyId: relayKey.id, startedAt: 5000 }))
      first.recordUsage(usageRecord({ keyId: relayKey.id, startedAt: 4000, requestId: 'request-2' }))
      await first.flushUsage()
      assert.equal((await second.getRelayKey(relayKey.id))?.lastUsedAt, 5000)
    },
  },
  {
    name: 'a wrong relay key field is refused by name',
    play: async ({ first }) => {
      const wrong = [
        { name: ' team' },
        { name: 'team', owner: '' },
        { name: 'team', maxConcurrency: -1 },
        { name: 'team', expiresAt: Number.NaN },
        { name: 'team', permissions: { models: 'gpt' } },
        { name: 'team', lossPolicy: 'ignore' },
        { name: 'team', responseTtlMs: 31 * 86_400_000 },
      ]
      for (const input of wrong) {
        // Wrong on purpose, as a caller without types may send it.
        const message = await expectCode('invalid-input', first.createRelayKey(input as { name: string }))
        assert.ok(message.startsWith(Object.keys(input).at(-1) ?? ''), message)
      }
      assert.deepEqual(await first.listRelayKeys(), [])
      await expectCode('not-found', first.revokeRelayKey('unknown'))
      await expectCode('not-found', first.updateRelayKey('unknown', {}))
    },
  },
]
