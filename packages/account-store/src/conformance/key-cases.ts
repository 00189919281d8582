import assert from 'node:assert/strict'

import type { StoreCase } from './stage.ts'
import { accountInput, expectCode } from './stage.ts'

/** Rotation of the encryption key. */
export const KEY_CASES: readonly StoreCase[] = [
  {
    name: 'another encryption key is put in force while every node goes on',
    play: async ({ first, second, encryptionKey: oldKey, reopen }) => {
      const account = await first.createAccount(accountInput({ credential: 'sk-rotated-credential' }))
      const { secret, relayKey } = await first.createRelayKey({ name: 'kept', responseTtlMs: 60_000 })
      const response = {
        keyId: relayKey.id,
        id: 'resp-1',
        body: 'a body',
        itemIds: [],
        ttlMs: 60_000,
        maxKeyBytes: 1000,
      }
      await first.saveResponse(response)
      const newKey = `another ${oldKey}`
      await expectCode('weak-secret', first.rotateEncryptionKey({ oldKey, newKey: 'short' }))
      await expectCode('invalid-input', first.rotateEncryptionKey({ oldKey, newKey: oldKey }))
      const { sealed, unreadable } = await first.rotateEncryptionKey({ oldKey, newKey })
      assert.deepEqual([sealed >= 2, unreadable], [true, 0])
      const late = await second.createAccount(accountInput({ name: 'late', credential: 'sk-late-credential' }))
      for (const store of [first, second]) {
        assert.deepEqual(await store.openCredential(account.id), {
          type: 'opened',
          credential: 'sk-rotated-credential',
        })
        assert.deepEqual(await store.openCredential(late.id), { type: 'opened', credential: 'sk-late-credential' })
        assert.equal((await store.findResponse({ keyId: relayKey.id, id: 'resp-1' }))?.body, 'a body')
        assert.equal((await store.findRelayKey(secret))?.id, relayKey.id)
      }
      if (reopen === undefined) return
      const fresh = await reopen(newKey)
      assert.deepEqual(await fresh.openCredential(account.id), { type: 'opened', credential: 'sk-rotated-credential' })
      assert.deepEqual(await fresh.openCredential(late.id), { type: 'opened', credential: 'sk-late-credential' })
      assert.equal((await fresh.findRelayKey(secret))?.id, relayKey.id)
      await fresh.close()
      await expectCode('wrong-encryption-key', reopen(oldKey))
    },
  },
]
