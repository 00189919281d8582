import type { SettingRoom } from '@relay/account-store'

import { type RoutingSettings, routingSettingsSchema, USUAL_ROUTING } from '../config/routing-settings.ts'
import type { Log } from '../observe/log.ts'

/** The settings of the store that hold them, as JSON; those of the configuration file count where there are any. */
export const ROUTING_SETTINGS = { operator: 'routing', file: 'routing.file' } as const

/** A change is seen on every node within this time. */
const TTL_MS = 1_000

/** The routing settings as this process knows them. */
export interface RoutingBook {
  /** Cheap enough for every request; while the store is away, what was known last. */
  read(): Promise<RoutingSettings>
}

export function createRoutingBook(store: SettingRoom, log: Log): RoutingBook {
  let known: RoutingSettings | undefined
  let readAt = -Infinity

  async function refresh(): Promise<RoutingSettings> {
    readAt = performance.now()
    try {
      const { file, operator } = ROUTING_SETTINGS
      known = parse((await store.readSetting(file)) ?? (await store.readSetting(operator)), log)
    } catch (error) {
      log.warn({ error }, 'the routing settings could not be read; those known last stay')
    }
    return known ?? USUAL_ROUTING
  }

  return {
    read: async () => {
      if (performance.now() - readAt < TTL_MS && known !== undefined) return known
      const latest = refresh()
      return known ?? latest // a request waits for the first reading only
    },
  }
}

function parse(text: string | undefined, log: Log): RoutingSettings {
  if (text === undefined) return USUAL_ROUTING
  const parsed = routingSettingsSchema.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  log.warn({}, 'the routing settings cannot be understood; the usual ones are in force')
  return USUAL_ROUTING
}
