import { testAccount, type AccountTestReport } from '@relay/upstreams'

import { type DiagnoseRooms, openTarget, type StoredTarget } from './stored-target.ts'

/** The steps of a test in the order in which they are shown. */
export const TEST_STEPS = ['reach', 'auth', 'modelFound', 'whole', 'stream', 'tools'] as const

/** Without these an account serves nobody; a model that calls no tool may still be what one wants. */
const NEEDED = ['reach', 'auth', 'modelFound', 'whole', 'stream'] as const

/** What a test of a stored account found. */
export interface StoredAccountTest {
  /** The account can serve. */
  readonly isGood: boolean
  readonly report: AccountTestReport
}

/** Whether an account with such a report can serve. */
export function isGoodTest(report: AccountTestReport): boolean {
  return NEEDED.every((step) => report[step].outcome === 'passed')
}

/**
 * Tests a stored account; a good one is back in routing at once: cooldowns and attention are cleared.
 *
 * @throws ServerError `invalid_request`; UpstreamError where the account's settings cannot work at all
 */
export async function testStoredAccount(rooms: DiagnoseRooms, target: StoredTarget): Promise<StoredAccountTest> {
  const report = await testAccount(await openTarget(rooms, target))
  const isGood = isGoodTest(report)
  if (isGood) await rooms.store.clearAccountState(target.account.id)
  return { isGood, report }
}
