import { setImmediate as nextTurn } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { openSignedIn } from '../../test/admin-harness.ts'
import { viewKeys } from './key-view.ts'

test('a list of thousands lets others in between', async (context) => {
  const { store, call } = await openSignedIn()
  context.onTestFinished(() => store.close())
  await call('POST', '/keys', { body: { name: 'laptop' } })
  const keys = await store.listRelayKeys()
  const many = Array.from({ length: 2000 }, () => keys).flat()
  let turns = 0
  const views = viewKeys(store, many, Date.now())
  const isDone = views.then(() => true)
  while (!(await Promise.race([isDone, nextTurn(false)]))) turns += 1
  expect(await views).toHaveLength(2000)
  expect(turns).toBeGreaterThanOrEqual(9)
})
