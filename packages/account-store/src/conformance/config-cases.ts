import assert from 'node:assert/strict'

import type { ConfigDeclaration } from '../store/config-room.ts'
import type { StoreCase } from './stage.ts'
import { accountInput, expectCode, soon } from './stage.ts'

const SECRET = 'declared-secret-of-the-team'
const DECLARED: ConfigDeclaration = {
  accounts: [accountInput({ credential: 'sk-declared-credential' })],
  relayKeys: [{ name: 'team', secret: SECRET, permissions: { accounts: ['main'] } }],
}
const NOTHING: ConfigDeclaration = { accounts: [], relayKeys: [] }

/** The configuration file. */
export const CONFIG_CASES: readonly StoreCase[] = [
  {
    name: 'a declaration makes its objects, and applying it again changes nothing',
    play: async ({ first, second, clock }) => {
      const created = await first.applyConfig(DECLARED)
      assert.deepEqual(created, { created: ['main', 'team'], updated: [], disabled: [] })
      const [account] = await first.listAccounts()
      const key = await first.findRelayKey(SECRET)
      assert.equal(account?.managedBy, 'config')
      assert.equal(key?.managedBy, 'config')
      assert.deepEqual(key?.permissions.accounts, [account?.id])
      clock.move(1000)
      assert.deepEqual(await second.applyConfig(DECLARED), { created: [], updated: [], disabled: [] })
      assert.deepEqual(await first.listAccounts(), [account])
      assert.deepEqual(await first.findRelayKey(SECRET), key)
    },
  },
  {
    name: 'what changes in the file changes in the store, under the same id',
    play: async ({ first, second }) => {
      await first.applyConfig(DECLARED)
      const [before] = await first.listAccounts()
      const changed = accountInput({ baseUrl: 'https://moved.example', credential: 'sk-another-credential' })
      const outcome = await second.applyConfig({
        accounts: [changed],
        relayKeys: [{ name: 'team', secret: 'another-secret-of-the-team', owner: 'li' }],
      })
      assert.deepEqual(outcome, { created: [], updated: ['main', 'team'], disabled: [] })
      await soon(async () => (await first.findRelayKey(SECRET)) === undefined)
      assert.equal((await first.findRelayKey('another-secret-of-the-team'))?.owner, 'li')
      const [after] = await second.listAccounts()
      assert.deepEqual([after?.id, after?.baseUrl], [before?.id, 'https://moved.example'])
      assert.ok(after)
      assert.deepEqual(await first.openCredential(after.id), { type: 'opened', credential: 'sk-another-credential' })
    },
  },
  {
    name: 'what leaves the file is disabled, and comes back with it',
    play: async ({ first }) => {
      await first.applyConfig(DECLARED)
      assert.deepEqual(await first.applyConfig(NOTHING), { created: [], updated: [], disabled: ['main', 'team'] })
      assert.deepEqual(
        (await first.listAccounts()).map((account) => account.enabled),
        [false],
      )
      assert.deepEqual(
        (await first.listRelayKeys()).map((key) => key.enabled),
        [false],
      )
      assert.deepEqual(await first.applyConfig(NOTHING), { created: [], updated: [], disabled: [] })
      assert.deepEqual(await first.applyConfig(DECLARED), { created: [], updated: ['main', 'team'], disabled: [] })
      assert.equal((await first.findRelayKey(SECRET))?.enabled, true)
    },
  },
  {
    name: 'a declared secret may move to another name, and two may be swapped',
    play: async ({ first }) => {
      const [one, two] = ['first-declared-secret', 'second-declared-secret']
      await first.applyConfig({
        accounts: [],
        relayKeys: [
          { name: 'a', secret: one },
          { name: 'b', secret: two },
        ],
      })
      await first.applyConfig({
        accounts: [],
        relayKeys: [
          { name: 'a', secret: two },
          { name: 'b', secret: one },
        ],
      })
      assert.equal((await first.findRelayKey(one))?.name, 'b')
      assert.equal((await first.findRelayKey(two))?.name, 'a')
      await first.applyConfig({ accounts: [], relayKeys: [{ name: 'c', secret: one }] })
      assert.equal((await first.findRelayKey(one))?.name, 'c')
    },
  },
  {
    name: 'objects from the file are read-only, until they have left it',
    play: async ({ first }) => {
      await first.applyConfig(DECLARED)
      const account = (await first.listAccounts())[0]
      const key = await first.findRelayKey(SECRET)
      assert.ok(account !== undefined && key !== undefined)
      await expectCode('managed-by-config', first.updateAccount(account.id, { priority: 1 }))
      await expectCode('managed-by-config', first.removeAccount(account.id))
      await expectCode('managed-by-config', first.updateRelayKey(key.id, { owner: 'li' }))
      await expectCode('managed-by-config', first.revokeRelayKey(key.id))
      await first.applyConfig(NOTHING)
      await first.removeAccount(account.id)
      await first.revokeRelayKey(key.id)
      const outcome = await first.applyConfig(DECLARED)
      assert.deepEqual(outcome, { created: ['main'], updated: ['team'], disabled: [] })
    },
  },
  {
    name: "a declaration leaves the operator's objects alone, and one mistake undoes all of it",
    play: async ({ first }) => {
      const own = await first.createAccount(accountInput({ name: 'own' }))
      const message = await expectCode(
        'name-taken',
        first.applyConfig({ ...DECLARED, accounts: [...DECLARED.accounts, accountInput({ name: 'own' })] }),
      )
      assert.ok(message.startsWith('accounts[1] '), message)
      assert.deepEqual(await first.listAccounts(), [own])
      await first.applyConfig(NOTHING)
      assert.deepEqual(await first.listAccounts(), [own])
    },
  },
  {
    name: 'a mistake in the file is named by its path, without the secret',
    play: async ({ first }) => {
      const wrong: readonly (readonly [path: string, declaration: ConfigDeclaration])[] = [
        ['accounts[0].priority ', { ...NOTHING, accounts: [accountInput({ priority: -1 })] }],
        ['accounts[1].name ', { ...NOTHING, accounts: [accountInput(), accountInput()] }],
        ['keys[0].secret ', { ...NOTHING, relayKeys: [{ name: 'team', secret: 'short-secret' }] }],
        [
          'keys[0].permissions.accounts ',
          { ...NOTHING, relayKeys: [{ ...key('team'), permissions: { accounts: ['no'] } }] },
        ],
      ]
      for (const [path, declaration] of wrong) {
        const message = await expectCode('invalid-input', first.applyConfig(declaration))
        assert.ok(message.startsWith(path), message)
        assert.ok(!message.includes('short-secret'))
      }
      const message = await expectCode(
        'secret-taken',
        first.applyConfig({ ...NOTHING, relayKeys: [key('a'), key('b')] }),
      )
      assert.equal(
        message,
        'keys[1] the secret declared for the relay key "b" belongs to the relay key "a"; choose another',
      )
      assert.deepEqual(await first.listRelayKeys({ includeRevoked: true }), [])
    },
  },
]

function key(name: string): { name: string; secret: string } {
  return { name, secret: SECRET }
}
