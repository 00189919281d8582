import { ACCOUNT_CASES } from './account-cases.ts'
import { ACCOUNT_SETTINGS_CASES } from './account-settings-cases.ts'
import { ACCOUNT_STATE_CASES } from './account-state-cases.ts'
import { ADMIN_CASES } from './admin-cases.ts'
import { ADMISSION_CASES } from './admission-cases.ts'
import { BUDGET_HOLDER_CASES } from './budget-holder-cases.ts'
import { BUDGET_SEED_CASES } from './budget-seed-cases.ts'
import { CAPTURE_CASES } from './capture-cases.ts'
import { CONFIG_CASES } from './config-cases.ts'
import { KEY_CASES } from './key-cases.ts'
import { LEASE_CASES } from './lease-cases.ts'
import { NOTICE_CASES } from './notice-cases.ts'
import { PLACE_CASES } from './place-cases.ts'
import { QUOTA_CASES } from './quota-cases.ts'
import { RELAY_KEY_CASES } from './relay-key-cases.ts'
import { RESPONSE_CASES } from './response-cases.ts'
import { RIGHTS_CASES } from './rights-cases.ts'
import type { OpenStores, StoreCase } from './stage.ts'
import { createManualClock } from './stage.ts'
import { TRANSFER_CASES } from './transfer-cases.ts'
import { USAGE_CASES } from './usage-cases.ts'
import { USAGE_LIFE_CASES } from './usage-life-cases.ts'
import { USAGE_SUM_CASES } from './usage-sum-cases.ts'

/** One promise of the port, ready for any test runner. */
export interface ConformanceTest {
  /** A sentence about behaviour. */
  readonly name: string
  /** Rejects with an assertion error when the store breaks the promise. */
  run(): Promise<void>
}

const CASES: readonly StoreCase[] = [
  ...ACCOUNT_CASES,
  ...ACCOUNT_SETTINGS_CASES,
  ...ACCOUNT_STATE_CASES,
  ...RELAY_KEY_CASES,
  ...CONFIG_CASES,
  ...ADMIN_CASES,
  ...RIGHTS_CASES,
  ...LEASE_CASES,
  ...QUOTA_CASES,
  ...ADMISSION_CASES,
  ...BUDGET_SEED_CASES,
  ...BUDGET_HOLDER_CASES,
  ...RESPONSE_CASES,
  ...CAPTURE_CASES,
  ...USAGE_CASES,
  ...USAGE_SUM_CASES,
  ...USAGE_LIFE_CASES,
  ...KEY_CASES,
  ...NOTICE_CASES,
  ...PLACE_CASES,
  ...TRANSFER_CASES,
]

/**
 * The tests that every store has to pass.
 *
 * @param open - is called for each test, with the clock that the stores have to use; sessions need a session secret
 * @example
 * for (const { name, run } of storeConformance(openMyStores)) test(name, run)
 */
export function storeConformance(open: OpenStores): readonly ConformanceTest[] {
  return CASES.map(({ name, play }) => ({
    name,
    run: async () => {
      const clock = createManualClock()
      const stores = await open(clock.now)
      try {
        await play({ ...stores, clock })
      } finally {
        await stores.close()
      }
    },
  }))
}
