import assert from 'node:assert/strict'

import type { AdminUser } from '../admin-user.ts'
import type { AuditInput } from '../audit-entry.ts'
import type { AccountStore } from '../store/account-store.ts'
import type { StoreCase } from './stage.ts'
import { expectCode, PASSWORD } from './stage.ts'

const ADDRESS = '203.0.113.7'

/** Roles of admin users, tokens of the admin API, and the log of actions. */
export const RIGHTS_CASES: readonly StoreCase[] = [
  {
    name: 'a change of role ends all sessions of the user and of nobody else',
    play: async ({ first, second }) => {
      const boss = await createAdmin(first, 'boss')
      const helper = await createAdmin(first, 'helper')
      assert.equal(helper.role, 'admin')
      assert.equal(helper.enabled, true)
      const { token } = await first.createSession({ userId: helper.id })
      const other = await first.createSession({ userId: boss.id })
      const changed = await second.updateAdminUser(helper.id, { role: 'auditor' })
      assert.deepEqual(changed, { ...helper, role: 'auditor' })
      assert.equal(await first.findSession(token), undefined)
      assert.equal((await first.findSession(other.token))?.user.role, 'admin')
      const login = await first.checkLogin({ name: 'helper', password: PASSWORD, address: ADDRESS })
      assert.deepEqual(login, { type: 'accepted', user: changed })
    },
  },
  {
    name: 'someone who is switched off looks like someone with a wrong password',
    play: async ({ first, second }) => {
      await createAdmin(first, 'boss')
      const helper = await createAdmin(first, 'helper')
      const { token } = await first.createSession({ userId: helper.id })
      const { secret } = await first.createApiToken({ name: 'ci', userId: helper.id, scopes: ['keys:read'] })
      await second.updateAdminUser(helper.id, { enabled: false })
      const login = { name: 'helper', password: PASSWORD, address: ADDRESS }
      assert.deepEqual(await first.checkLogin(login), { type: 'refused' })
      assert.equal(await first.findSession(token), undefined)
      assert.equal(await first.findApiToken(secret), undefined)
      await second.updateAdminUser(helper.id, { enabled: true })
      assert.equal((await first.checkLogin(login)).type, 'accepted')
      assert.equal((await first.findApiToken(secret))?.token.name, 'ci')
    },
  },
  {
    name: 'the last admin can neither go, nor be switched off, nor get a smaller role',
    play: async ({ first, second }) => {
      const boss = await createAdmin(first, 'boss')
      const helper = await createAdmin(first, 'helper')
      await first.updateAdminUser(helper.id, { role: 'operator' })
      await expectCode('last-admin', second.updateAdminUser(boss.id, { role: 'operator' }))
      await expectCode('last-admin', second.updateAdminUser(boss.id, { enabled: false }))
      await expectCode('last-admin', second.removeAdminUser(boss.id))
      await first.updateAdminUser(helper.id, { role: 'admin' })
      await second.removeAdminUser(boss.id)
      assert.deepEqual(
        (await first.listAdminUsers()).map(({ name }) => name),
        ['helper'],
      )
      await expectCode('not-found', first.removeAdminUser(boss.id))
      await expectCode('not-found', first.updateAdminUser(boss.id, {}))
    },
  },
  {
    name: 'a token is found by its secret on every node, and listed without it',
    play: async ({ first, second, clock }) => {
      const user = await createAdmin(first, 'boss')
      const input = { name: 'ci', userId: user.id, scopes: ['keys:read', 'keys:write', 'keys:read'] }
      const { token, secret } = await first.createApiToken(input)
      assert.match(secret, /^rat-[\w-]{43}$/)
      assert.deepEqual(token.scopes, ['keys:read', 'keys:write'])
      assert.equal(token.secretLastFour, secret.slice(-4))
      assert.equal(token.lastUsedAt, undefined)
      assert.deepEqual(await second.listApiTokens(), [token])
      const found = await second.findApiToken(secret)
      assert.deepEqual(found, { token: { ...token, lastUsedAt: clock.now() }, user })
      for (const wrong of ['', token.id, secret.slice(1), 'x'.repeat(10_000)]) {
        assert.equal(await second.findApiToken(wrong), undefined)
      }
      assert.equal(await second.findSession(secret), undefined)
      await expectCode('name-taken', first.createApiToken(input))
      await expectCode('invalid-input', first.createApiToken({ ...input, name: 'none', scopes: [] }))
      await expectCode('not-found', first.createApiToken({ ...input, name: 'nobody', userId: 'unknown' }))
    },
  },
  {
    name: 'a token ends at its time, when it is removed, and with its user',
    play: async ({ first, second, clock }) => {
      const user = await createAdmin(first, 'boss')
      const helper = await createAdmin(first, 'helper')
      const timed = await first.createApiToken({
        name: 'timed',
        userId: user.id,
        scopes: ['backup'],
        expiresAt: clock.now() + 1000,
      })
      const removed = await first.createApiToken({ name: 'removed', userId: user.id, scopes: ['backup'] })
      const owned = await first.createApiToken({ name: 'owned', userId: helper.id, scopes: ['backup'] })
      assert.ok(await second.findApiToken(timed.secret))
      clock.move(1000)
      assert.equal(await second.findApiToken(timed.secret), undefined)
      await second.removeApiToken(removed.token.id)
      assert.equal(await first.findApiToken(removed.secret), undefined)
      await expectCode('not-found', first.removeApiToken(removed.token.id))
      await first.removeAdminUser(helper.id)
      assert.equal(await second.findApiToken(owned.secret), undefined)
    },
  },
  {
    name: 'what was done is listed newest first, and narrowed by who, what and when',
    play: async ({ first, second, clock }) => {
      const account = { kind: 'account', id: 'account-1', name: 'main' }
      await first.recordAudit(entry({ action: 'session.create' }))
      clock.move(1000)
      const before = { enabled: true }
      const after = { enabled: false }
      await first.recordAudit(entry({ action: 'account.update', object: account, before, after, address: ADDRESS }))
      clock.move(1000)
      await second.recordAudit(
        entry({ action: 'account.remove', object: account, actor: { kind: 'token', name: 'boss', token: 'ci' } }),
      )
      const { entries, nextCursor } = await first.listAudit()
      assert.deepEqual(
        entries.map(({ action }) => action),
        ['account.remove', 'account.update', 'session.create'],
      )
      assert.equal(nextCursor, undefined)
      assert.deepEqual(entries[1], {
        id: entries[1]?.id,
        at: clock.now() - 1000,
        actor: { kind: 'user', name: 'ada', token: undefined },
        action: 'account.update',
        object: account,
        address: ADDRESS,
        before,
        after,
      })
      const actions = async (query: object): Promise<readonly string[]> =>
        (await second.listAudit(query)).entries.map(({ action }) => action)
      assert.deepEqual(await actions({ actor: 'boss' }), ['account.remove'])
      assert.deepEqual(await actions({ action: 'account' }), ['account.remove', 'account.update'])
      assert.deepEqual(await actions({ action: 'account.update' }), ['account.update'])
      assert.deepEqual(await actions({ action: 'acc' }), [])
      assert.deepEqual(await actions({ objectId: 'account-1', before: clock.now() }), ['account.update'])
      assert.deepEqual(await actions({ objectKind: 'relay-key' }), [])
      assert.deepEqual(await actions({ from: clock.now() - 1000, before: clock.now() }), ['account.update'])
    },
  },
  {
    name: 'pages of the log follow each other without a gap, and old entries go',
    play: async ({ first, second, clock }) => {
      for (let number = 0; number < 5; number += 1) {
        await first.recordAudit(entry({ action: `number.${number}` }))
        clock.move(10)
      }
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await second.listAudit({ limit: 2, cursor })
        seen.push(...page.entries.map(({ action }) => action))
        cursor = page.nextCursor
      } while (cursor !== undefined)
      assert.deepEqual(seen, ['number.4', 'number.3', 'number.2', 'number.1', 'number.0'])
      await expectCode('invalid-input', first.listAudit({ cursor: 'nonsense' }))
      await expectCode('invalid-input', first.listAudit({ limit: 0 }))
      assert.equal(await first.removeOldAudit(clock.now() - 30), 2)
      assert.equal((await second.listAudit()).entries.length, 3)
    },
  },
  {
    name: 'a change that is too long to keep is kept as its length',
    play: async ({ first }) => {
      await first.recordAudit(entry({ action: 'account.update', after: { rules: 'x'.repeat(30_000) } }))
      const [kept] = (await first.listAudit()).entries
      assert.deepEqual(kept?.after, { tooLong: 30_012 })
    },
  },
]

async function createAdmin(store: AccountStore, name: string): Promise<AdminUser> {
  return store.createAdminUser({ name, password: PASSWORD, mustChangePassword: false })
}

function entry(fields: Partial<AuditInput> & Pick<AuditInput, 'action'>): AuditInput {
  return { actor: { kind: 'user', name: 'ada' }, ...fields }
}
