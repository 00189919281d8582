import { join } from 'node:path'

import type { AccountStore } from '@relay/account-store'

import type { Config } from './config/config.ts'
import { startMetricsServer } from './http/metrics.ts'
import type { Meter } from './meter/meter.ts'
import { sampleRequest } from './meter/sample-request.ts'
import { countAccounts } from './observe/account-counts.ts'
import type { Metrics } from './observe/metrics.ts'
import { newestFileAt } from './observe/newest-file.ts'
import type { PairTallies } from './observe/pair-tally.ts'
import { timed } from './observe/timed.ts'
import type { WorkerPlace } from './workers/worker-place.ts'

/** What the metrics are about. */
export interface MetricsRooms {
  readonly config: Config
  readonly store: AccountStore
  readonly live: { readonly size: number }
  readonly worker?: WorkerPlace | undefined
}

/** The metrics and what they look through. */
export interface OpenMetrics {
  readonly metrics: Metrics
  /** The same store, its operations timed. */
  readonly store: AccountStore
  /** Where they are served on a port of their own. */
  readonly url: string | undefined
  close(): void
}

/** Where backups lie inside the data folder. */
const BACKUP_FOLDER = 'backups'

/** Opens the metrics where a token or a port was set for them; otherwise nothing is measured at all. */
export async function openMetrics({ config, store, live, worker }: MetricsRooms): Promise<OpenMetrics | undefined> {
  const { metricsPort: port, metricsToken: token, host, dataDir } = config
  if (port === undefined && token === undefined) return undefined
  // The library is read only where it is wanted: a start without it is sooner there.
  const { createMetrics } = await import('./observe/metrics.ts')
  const metrics = createMetrics({
    inFlight: () => live.size,
    accounts: async () => countAccounts(await store.listAccounts(), Date.now()),
    usageQueue: async () => {
      const { waiting, dropped } = (await store.checkHealth()).usageQueue
      return { waiting, lost: dropped }
    },
    lastBackupAt: () => newestFileAt(join(dataDir, BACKUP_FOLDER)),
    ofAllWorkers: worker?.renderMetrics,
  })
  const server = port === undefined ? undefined : await startMetricsServer(metrics, { host, port, token })
  return {
    metrics,
    store: timed(store, metrics.observeStore),
    url: server?.url,
    close: () => {
      server?.close()
      metrics.close()
    },
  }
}

/** A meter that also feeds the panel's sums and, where they are on, the metrics. */
export function withMetrics(
  meter: Meter,
  { metrics, pairs }: { readonly metrics: Metrics | undefined; readonly pairs: PairTallies },
): Meter {
  return (live, end) => {
    meter(live, end)
    const sample = sampleRequest(live, end)
    pairs.observe(sample)
    metrics?.observeRequest(sample)
  }
}
