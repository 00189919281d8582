import type { AccountStore } from '@relay/account-store'
import type { Context } from 'hono'

export interface HealthRooms {
  readonly store: AccountStore
  readonly version: string
  /** True once the process has been asked to stop. */
  readonly isStopping: () => boolean
}

interface HealthHandlers {
  readonly health: (context: Context) => Response
  readonly ready: (context: Context) => Promise<Response>
}

/** `/health` says that the process serves; `/ready` whether keys and accounts can be read. Neither shows internals. */
export function createHealthHandlers({ store, version, isStopping }: HealthRooms): HealthHandlers {
  return {
    health: (context) => context.json({ status: 'ok', version }),
    ready: async (context) => {
      if (isStopping()) return context.json({ status: 'stopping' }, 503)
      const { isReadable } = await store.checkHealth()
      return isReadable ? context.json({ status: 'ready' }) : context.json({ status: 'store-unavailable' }, 503)
    },
  }
}
