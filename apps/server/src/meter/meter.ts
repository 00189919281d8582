import type { AccountStore } from '@relay/account-store'

import type { Log } from '../observe/log.ts'
import type { LiveRequest, RequestEnd } from '../relay/live-request.ts'
import { shownLosses } from './shown-losses.ts'
import { usageRecord } from './usage-record.ts'

/** Takes every finished request: one usage record, one line in the access log. */
export type Meter = (live: LiveRequest, end: RequestEnd) => void

export function createMeter(store: AccountStore, log: Log): Meter {
  return (live, end) => {
    const record = usageRecord(live, end)
    if (record !== undefined && !store.recordUsage(record)) {
      log.error({ requestId: live.id }, 'the queue of usage records is full; this record is lost')
    }
    const { facts } = live
    const losses = shownLosses(facts)
    log.logAccess({
      requestId: live.id,
      method: live.incoming.method ?? '',
      path: live.path,
      status: end.status,
      durationMs: live.elapsedMs(),
      reason: end.reason,
      firstTokenMs: facts.firstTokenMs,
      keyName: facts.key?.name,
      accountName: facts.account?.name,
      modelAsked: facts.model,
      modelServed: facts.modelServed,
      clientFormat: live.format,
      upstreamFormat: facts.upstreamFormat,
      isStream: facts.isStream,
      attempts: facts.attempts.length,
      losses: losses.count,
      worstLoss: losses.worst,
      inputTokens: facts.usage?.inputUncached,
      outputTokens: facts.usage?.output,
    })
  }
}
