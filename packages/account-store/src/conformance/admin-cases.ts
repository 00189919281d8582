import assert from 'node:assert/strict'

import type { AdminUser } from '../admin-user.ts'
import type { AccountStore } from '../store/account-store.ts'
import type { StoreCase } from './stage.ts'
import { expectCode, PASSWORD } from './stage.ts'

const ADDRESS = '203.0.113.7'

/** Admin users and their sessions. */
export const ADMIN_CASES: readonly StoreCase[] = [
  {
    name: 'an admin signs in with the right password only',
    play: async ({ first, second }) => {
      const user = await createAdmin(first)
      const login = { name: 'ADMIN', password: PASSWORD, address: ADDRESS }
      assert.deepEqual(await second.checkLogin(login), { type: 'accepted', user })
      assert.deepEqual(await second.checkLogin({ ...login, password: `${PASSWORD}x` }), { type: 'refused' })
      assert.deepEqual(await second.checkLogin({ ...login, name: 'nobody' }), { type: 'refused' })
      assert.deepEqual(await second.checkLogin({ ...login, password: 'x'.repeat(5000) }), { type: 'refused' })
      assert.deepEqual(await second.listAdminUsers(), [user])
    },
  },
  {
    name: 'short passwords and second users of one name are refused',
    play: async ({ first }) => {
      const message = await expectCode('invalid-input', createAdmin(first, 'elevenchars'))
      assert.ok(!message.includes('elevenchars'))
      await createAdmin(first)
      await expectCode('name-taken', createAdmin(first))
      await expectCode('not-found', first.setAdminPassword({ userId: 'unknown', password: PASSWORD }))
    },
  },
  {
    name: 'guessing gets slower, on every node and for unknown names too, and ends with the right password',
    play: async ({ first, second, clock }) => {
      await createAdmin(first)
      for (const name of ['admin', 'nobody']) {
        const wrong = { name, password: 'not the password', address: `${ADDRESS} ${name}` }
        for (let attempt = 0; attempt < 5; attempt += 1) {
          assert.deepEqual(await (attempt % 2 === 0 ? first : second).checkLogin(wrong), { type: 'refused' })
        }
        assert.deepEqual(await first.checkLogin(wrong), { type: 'throttled', retryAfterMs: 1000 })
        assert.equal((await second.checkLogin({ ...wrong, address: 'elsewhere' })).type, 'throttled')
        assert.equal((await first.checkLogin({ ...wrong, name: `${name}2` })).type, 'throttled')
        clock.move(1000)
        assert.deepEqual(await first.checkLogin(wrong), { type: 'refused' })
        assert.deepEqual(await first.checkLogin(wrong), { type: 'throttled', retryAfterMs: 2000 })
        clock.move(2000)
      }
      const right = { name: 'admin', password: PASSWORD, address: 'elsewhere' }
      assert.equal((await first.checkLogin(right)).type, 'accepted')
      assert.equal((await first.checkLogin({ ...right, password: 'not the password' })).type, 'refused')
      assert.equal((await first.checkLogin(right)).type, 'accepted')
    },
  },
  {
    name: 'guesses in parallel are all counted',
    play: async ({ first, second }) => {
      await createAdmin(first)
      const answers = await Promise.all(
        Array.from({ length: 12 }, async (_, index) =>
          (index % 2 === 0 ? first : second).checkLogin({ name: 'admin', password: 'guess', address: ADDRESS }),
        ),
      )
      assert.equal(answers.filter((answer) => answer.type === 'refused').length, 5)
    },
  },
  {
    name: 'a clock that is set back locks nobody out',
    play: async ({ first, clock }) => {
      await createAdmin(first)
      const wrong = { name: 'admin', password: 'guess', address: ADDRESS }
      for (let attempt = 0; attempt < 5; attempt += 1) await first.checkLogin(wrong)
      clock.move(-86_400_000)
      assert.equal((await first.checkLogin({ ...wrong, password: PASSWORD })).type, 'accepted')
    },
  },
  {
    name: 'a session is found by its token on every node, and listed without it',
    play: async ({ first, second, clock }) => {
      const user = await createAdmin(first)
      const { session, token } = await first.createSession({ userId: user.id, address: ADDRESS, userAgent: 'browser' })
      assert.match(token, /^[\w-]{43}$/)
      assert.deepEqual(await second.findSession(token), { session, user })
      assert.deepEqual(await second.listSessions(user.id), [session])
      assert.equal(session.address, ADDRESS)
      for (const wrong of ['', session.id, token.slice(1), 'x'.repeat(10_000)]) {
        assert.equal(await second.findSession(wrong), undefined)
      }
      clock.move(120_000)
      assert.equal((await second.findSession(token))?.session.lastSeenAt, clock.now())
    },
  },
  {
    name: 'a session ends when it is idle for too long, and at its absolute end whatever happens',
    play: async ({ first, clock }) => {
      const { id } = await createAdmin(first)
      const limits = { userId: id, absoluteMs: 1_000_000, idleMs: 400_000 }
      const idle = await first.createSession(limits)
      clock.move(400_000)
      assert.equal(await first.findSession(idle.token), undefined)
      const used = await first.createSession(limits)
      for (let use = 0; use < 3; use += 1) {
        clock.move(300_000)
        assert.ok(await first.findSession(used.token))
      }
      clock.move(100_000)
      assert.equal(await first.findSession(used.token), undefined)
      assert.deepEqual(await first.listSessions(id), [])
    },
  },
  {
    name: 'a new password ends all sessions',
    play: async ({ first, second }) => {
      const user = await createAdmin(first)
      const sessions = [await first.createSession({ userId: user.id }), await second.createSession({ userId: user.id })]
      const changed = await first.setAdminPassword({ userId: user.id, password: 'another password' })
      assert.equal(changed.mustChangePassword, false)
      for (const { token } of sessions) assert.equal(await second.findSession(token), undefined)
      const login = { name: 'admin', password: PASSWORD, address: ADDRESS }
      assert.equal((await second.checkLogin(login)).type, 'refused')
      assert.equal((await second.checkLogin({ ...login, password: 'another password' })).type, 'accepted')
    },
  },
  {
    name: 'a session can be replaced and removed',
    play: async ({ first, second }) => {
      const { id } = await createAdmin(first)
      const old = await first.createSession({ userId: id })
      const next = await first.createSession({ userId: id, replaces: old.session.id })
      assert.equal(await second.findSession(old.token), undefined)
      assert.notEqual(next.token, old.token)
      await second.removeSession(next.session.id)
      await second.removeSession(next.session.id)
      assert.equal(await first.findSession(next.token), undefined)
      await expectCode('not-found', first.createSession({ userId: 'unknown' }))
    },
  },
]

async function createAdmin(store: AccountStore, password = PASSWORD): Promise<AdminUser> {
  return store.createAdminUser({ name: 'admin', password, mustChangePassword: true })
}
