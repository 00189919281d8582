import type { AccountStore } from '../store/account-store.ts'
import type { StoreHealth, UsageQueueState } from '../store/store-health.ts'
import type { RedisContext } from './context.ts'
import type { RedisLink } from './link.ts'
import type { DataSet } from './meta.ts'
import { toText } from './reply.ts'
import { CHECK_WRITABLE } from './scripts/check-writable.ts'

/** Makes the health check: both questions are asked of Redis, not of memory. */
export function createHealthCheck(
  context: RedisContext,
  { schemaVersion, instanceId }: DataSet,
  usageQueue: () => UsageQueueState,
): AccountStore['checkHealth'] {
  const { link, keys, feed } = context
  return async (): Promise<StoreHealth> => {
    const [isReadable, isWritable, advice] = await Promise.all([
      isWorking(async () => {
        feed.expire() // what was true a moment ago is no answer here
        await feed.catchUp()
      }),
      isWorking(async () => {
        if ((await link.run(CHECK_WRITABLE, { keys: [keys.meta], args: [] })) !== 1) throw new Error('no data set')
      }),
      adviceOn(link),
    ])
    return { backend: 'redis', schemaVersion, instanceId, isReadable, isWritable, usageQueue: usageQueue(), advice }
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

/** What the server says of itself; one that does not like to be asked gets no advice. */
async function adviceOn(link: RedisLink): Promise<readonly string[]> {
  try {
    const [facts] = await link.send(['INFO'])
    return readAdvice(toText(facts) ?? '')
  } catch {
    return []
  }
}

function readAdvice(facts: string): readonly string[] {
  const fact = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(facts)?.[1]
  const advice: string[] = []
  const policy = fact('maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction') {
    advice.push(`Redis may throw keys away (maxmemory-policy ${policy}); set maxmemory-policy noeviction`)
  }
  if (fact('aof_enabled') === '0') {
    advice.push(
      'Redis writes to its disk only now and then (appendonly no); set appendonly yes, or a crash loses what was confirmed',
    )
  }
  return advice
}
