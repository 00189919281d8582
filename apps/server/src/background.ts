import type { AccountStore } from '@relay/account-store'

import { startUsageSweep } from './meter/usage-retention.ts'
import { startAccountWatch } from './notify/account-watch.ts'
import type { EventBus } from './observe/events.ts'
import type { Log } from './observe/log.ts'
import type { Leases } from './relay/choose/leases.ts'
import { sweepResponses } from './relay/responses/sweep-responses.ts'
import { startAuditSweep } from './upkeep/audit-retention.ts'

export interface BackgroundRooms {
  readonly store: AccountStore
  readonly events: EventBus
  readonly leases: Leases
  readonly log: Log
}

/** Work that goes on beside the requests until it is stopped: removing what is old, and looking after the accounts. */
export function startBackground(rooms: BackgroundRooms): { stop(): void } {
  const work = [
    sweepResponses(rooms.store, rooms.log),
    startUsageSweep(rooms),
    startAuditSweep(rooms),
    startAccountWatch(rooms),
  ]
  return {
    stop: () => {
      for (const { stop } of work) stop()
    },
  }
}
