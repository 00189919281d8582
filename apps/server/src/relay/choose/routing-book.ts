import type { SettingRoom } from '@relay/account-store'

import { type RoutingSettings, USUAL_ROUTING } from '../../config/routing-settings.ts'
import type { Log } from '../../observe/log.ts'
import { createSeldomWarning } from '../../observe/seldom-warning.ts'
import { readStoredRouting } from './stored-routing.ts'

/** A change is seen on every node within this time. */
const TTL_MS = 1_000

/** The routing settings as this process knows them. */
export interface RoutingBook {
  /** Cheap enough for every request; while the store is away, what was known last. */
  read(): RoutingSettings | Promise<RoutingSettings>
}

export function createRoutingBook(store: SettingRoom, log: Log): RoutingBook {
  let known: RoutingSettings | undefined
  let readAt = -Infinity
  const warnOfRefresh = createSeldomWarning(
    log,
    'the routing settings could not be read; those known last stay, else the usual ones',
  )

  async function refresh(): Promise<RoutingSettings> {
    readAt = performance.now()
    try {
      known = (await readStoredRouting(store)).settings
    } catch (error) {
      warnOfRefresh(error)
    }
    return known ?? USUAL_ROUTING
  }

  return {
    read: () => {
      if (performance.now() - readAt < TTL_MS && known !== undefined) return known
      const latest = refresh()
      return known ?? latest // a request waits for the first reading only
    },
  }
}
