import assert from 'node:assert/strict'

import type { AccountAttention } from '../account.ts'
import { runningCooldown } from '../pool/cooldown.ts'
import { MAX_COOLDOWNS } from '../pool/next-cooldown.ts'
import type { StoreCase } from './stage.ts'
import { accountInput, soon } from './stage.ts'

const MODEL = 'gpt-5.2'

/** What happens to accounts. */
export const ACCOUNT_STATE_CASES: readonly StoreCase[] = [
  {
    name: 'a cooldown is seen by every node and doubles with each strike',
    play: async ({ first, second, clock }) => {
      const { id } = await first.createAccount(accountInput())
      const request = { accountId: id, model: MODEL, cause: 'connection' } as const
      const one = await first.startCooldown(request)
      assert.ok(one)
      assert.equal(one.strikes, 1)
      const firstMs = one.endsAt - clock.now()
      assert.ok(firstMs >= 1600 && firstMs <= 2400, `${firstMs} ms`)
      await soon(async () => (await second.getAccount(id))?.state.cooldowns.length === 1)
      clock.move(firstMs + 1)
      const two = await second.startCooldown(request)
      assert.equal(two?.strikes, 2)
      const secondMs = (two?.endsAt ?? 0) - clock.now()
      assert.ok(secondMs >= 3200 && secondMs <= 4800, `${secondMs} ms`)
    },
  },
  {
    name: 'requests that fail together are one strike',
    play: async ({ first, second }) => {
      const { id } = await first.createAccount(accountInput())
      const request = { accountId: id, model: MODEL, cause: 'server-error' } as const
      const cooldowns = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => (index % 2 === 0 ? first : second).startCooldown(request)),
      )
      assert.deepEqual(new Set(cooldowns.map((cooldown) => cooldown?.strikes)), new Set([1]))
      assert.deepEqual(new Set(cooldowns.map((cooldown) => cooldown?.endsAt)).size, 1)
    },
  },
  {
    name: 'a running cooldown gets longer when the upstream asks for more, never shorter',
    play: async ({ first, clock }) => {
      const { id } = await first.createAccount(accountInput())
      const request = { accountId: id, model: '*', cause: 'rate-limited' } as const
      await first.startCooldown({ ...request, durationMs: 10_000 })
      assert.equal((await first.startCooldown({ ...request, durationMs: 20_000 }))?.endsAt, clock.now() + 20_000)
      assert.equal((await first.startCooldown({ ...request, durationMs: 5000 }))?.endsAt, clock.now() + 20_000)
    },
  },
  {
    name: 'the cooldowns of many made-up models forget the one that ends first',
    play: async ({ first }) => {
      const { id } = await first.createAccount(accountInput())
      for (let index = 0; index <= MAX_COOLDOWNS; index += 1)
        await first.startCooldown({ accountId: id, model: `m-${index}`, cause: 'timeout', durationMs: 5000 - index })
      const models = (await first.getAccount(id))?.state.cooldowns.map(({ model }) => model) ?? []
      assert.equal(models.length, MAX_COOLDOWNS)
      assert.ok(models.includes('m-0') && models.includes(`m-${MAX_COOLDOWNS}`))
      assert.ok(!models.includes(`m-${MAX_COOLDOWNS - 1}`))
    },
  },
  {
    name: 'the last usable account is never sent to rest',
    play: async ({ first, second }) => {
      const main = await first.createAccount(accountInput())
      const spare = await first.createAccount(accountInput({ name: 'spare' }))
      const paused = await first.createAccount(accountInput({ name: 'paused', schedulable: false }))
      const others = (ids: readonly string[]) => ids.map((accountId) => ({ accountId, model: MODEL }))
      const cool = { model: MODEL, cause: 'server-error' } as const
      assert.ok(await first.startCooldown({ ...cool, accountId: main.id, alternatives: others([spare.id, paused.id]) }))
      const refused = await second.startCooldown({
        ...cool,
        accountId: spare.id,
        alternatives: others([main.id, paused.id, 'unknown']),
      })
      assert.equal(refused, undefined)
      assert.deepEqual((await second.getAccount(spare.id))?.state.cooldowns, [])
    },
  },
  {
    name: 'a success ends the cooldown of that model and of the whole account, and no other',
    play: async ({ first, second, clock }) => {
      const { id } = await first.createAccount(accountInput())
      for (const model of [MODEL, '*', 'another']) await first.startCooldown({ accountId: id, model, cause: 'timeout' })
      clock.move(3000)
      await first.recordAccountSuccess(id, MODEL)
      await soon(async () => (await second.getAccount(id))?.state.lastSuccessAt === clock.now())
      const state = (await second.getAccount(id))?.state
      assert.deepEqual(
        state?.cooldowns.map((cooldown) => cooldown.model),
        ['another'],
      )
      const next = await first.startCooldown({ accountId: id, model: MODEL, cause: 'timeout' })
      assert.equal(next?.strikes, 1)
    },
  },
  {
    name: 'a success of what was sent before a cooldown does not end it',
    play: async ({ first, second, clock }) => {
      const { id } = await first.createAccount(accountInput())
      const request = { accountId: id, model: MODEL, cause: 'rate-limited', durationMs: 60_000 } as const
      await first.startCooldown(request)
      await soon(async () => (await second.getAccount(id)) !== undefined)
      await second.recordAccountSuccess(id, MODEL)
      await soon(async () => (await first.getAccount(id))?.state.lastSuccessAt === clock.now())
      assert.equal((await first.getAccount(id))?.state.cooldowns.length, 1)
      clock.move(60_001)
      assert.equal((await first.startCooldown(request))?.strikes, 2)
    },
  },
  {
    name: 'the time of the last success is noted every ten seconds',
    play: async ({ first, clock }) => {
      const { id } = await first.createAccount(accountInput())
      const start = clock.now()
      await first.recordAccountSuccess(id, MODEL)
      clock.move(9000)
      await first.recordAccountSuccess(id, MODEL)
      assert.equal((await first.getAccount(id))?.state.lastSuccessAt, start)
      clock.move(2000)
      await first.recordAccountSuccess(id, MODEL)
      assert.equal((await first.getAccount(id))?.state.lastSuccessAt, start + 11_000)
    },
  },
  {
    name: 'a cooldown does not outlast a clock that is set back',
    play: async ({ first, clock }) => {
      const { id } = await first.createAccount(accountInput())
      await first.startCooldown({ accountId: id, model: MODEL, cause: 'connection' })
      clock.move(-3_600_000)
      const account = await first.getAccount(id)
      assert.ok(account)
      assert.equal(runningCooldown(account.state, MODEL, clock.now()), undefined)
    },
  },
  {
    name: 'errors and attention stay until someone edits or clears the account',
    play: async ({ first, second, clock }) => {
      const { id } = await first.createAccount(accountInput())
      const attention: AccountAttention = { since: clock.now(), reason: 'credential-refused', message: '401' }
      const error = { at: clock.now(), status: 401, reason: 'auth', message: 'x'.repeat(600) }
      await first.setAttention(id, attention)
      await first.recordAccountError(id, error)
      await soon(async () => (await second.getAccount(id))?.state.lastError !== undefined)
      const state = (await second.getAccount(id))?.state
      assert.deepEqual(state?.attention, attention)
      assert.deepEqual(state?.lastError, { ...error, message: 'x'.repeat(500) })
      assert.equal((await first.updateAccount(id, { description: 'mended' })).state.attention, undefined)
      await first.setAttention(id, attention)
      await first.startCooldown({ accountId: id, model: MODEL, cause: 'timeout' })
      await first.clearAccountState(id)
      const cleared = (await first.getAccount(id))?.state
      assert.deepEqual([cleared?.attention, cleared?.lastError, cleared?.cooldowns], [undefined, undefined, []])
    },
  },
  {
    name: 'news of an account that is gone is ignored',
    play: async ({ first, clock }) => {
      await first.recordAccountSuccess('gone', MODEL)
      await first.recordAccountError('gone', { at: clock.now(), status: 500, reason: 'server', message: '' })
      await first.setAttention('gone', { since: clock.now(), reason: 'billing', message: '' })
      await first.clearAccountState('gone')
      assert.equal(await first.startCooldown({ accountId: 'gone', model: MODEL, cause: 'timeout' }), undefined)
      assert.deepEqual(await first.listAccounts(), [])
    },
  },
]
