import assert from 'node:assert/strict'

import type { StoreCase } from './stage.ts'
import { expectCode } from './stage.ts'

/** What is said once. */
export const NOTICE_CASES: readonly StoreCase[] = [
  {
    name: 'of all nodes that find something at once, one may say it',
    play: async ({ first, second, clock }) => {
      const until = clock.now() + 60_000
      const stores = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? first : second))
      const claims = await Promise.all(stores.map(async (store) => store.claimNotice('budget:key:1:day:80', until)))
      assert.equal(claims.filter(Boolean).length, 1)
      assert.equal(await second.claimNotice('budget:key:1:day:90', until), true)
      assert.equal(await first.claimNotice('budget:key:1:day:90', until), false)
      await expectCode('invalid-input', first.claimNotice('', until))
    },
  },
]
