import type { AccountStore } from '../store/account-store.ts'
import type { StoreHealth, UsageQueueState } from '../store/store-health.ts'
import type { RedisContext } from './context.ts'
import type { DataSet } from './meta.ts'
import { CHECK_WRITABLE } from './scripts/check-writable.ts'

/** Makes the health check: both questions are asked of Redis, not of memory. */
export function createHealthCheck(
  context: RedisContext,
  { schemaVersion, instanceId }: DataSet,
  usageQueue: () => UsageQueueState,
): AccountStore['checkHealth'] {
  const { link, keys, feed } = context
  return async (): Promise<StoreHealth> => {
    const [isReadable, isWritable] = await Promise.all([
      isWorking(async () => feed.catchUp()),
      isWorking(async () => {
        if ((await link.run(CHECK_WRITABLE, { keys: [keys.meta], args: [] })) !== 1) throw new Error('no data set')
      }),
    ])
    return { backend: 'redis', schemaVersion, instanceId, isReadable, isWritable, usageQueue: usageQueue() }
  }
}

async function isWorking(work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch {
    // The answer is the outcome; what exactly is wrong shows where the store is used.
    return false
  }
}
