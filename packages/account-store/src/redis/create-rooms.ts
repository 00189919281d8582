import type { Grace } from '../away/grace.ts'
import { createSessionKeys } from '../crypto/session-keys.ts'
import type { AccountStore } from '../store/account-store.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import { createAccountStateRoom } from './account-state.ts'
import { createAccountView } from './account-view.ts'
import { createAccountRoom } from './accounts.ts'
import { createAdminRoom } from './admin-users.ts'
import { createAdmissions } from './admissions.ts'
import { createApiTokenRoom } from './api-tokens.ts'
import { createConfigRoom } from './apply-config.ts'
import { createAuditRoom } from './audit-log.ts'
import { createBudgetHolders } from './budget-holders.ts'
import { createCaptureRoom } from './captures.ts'
import type { RedisContext } from './context.ts'
import { createRelayKeyFinder } from './find-relay-key.ts'
import { createLeaseRoom } from './leases.ts'
import { createLoginAttempts } from './login-attempts.ts'
import { createNoticeRoom } from './notices.ts'
import { createPlaceRoom } from './places.ts'
import { createRejections } from './rejections.ts'
import { createRelayKeyRoom } from './relay-keys.ts'
import { createResponses } from './responses.ts'
import { createKeyRoom } from './rotate-key.ts'
import { createSessionRoom } from './sessions.ts'
import { createSettingRoom } from './settings.ts'
import { createUsageHistory } from './usage-history.ts'
import { writeEverything } from './write-everything.ts'

type Rooms = Omit<AccountStore, keyof UsageRoom | 'readEverything' | 'checkHealth' | 'close'>

/** The rooms of the store, and what has to be done before the connection goes. */
export interface RedisRooms {
  readonly rooms: Rooms
  readonly closers: readonly (() => Promise<void>)[]
}

interface RoomParts {
  readonly context: RedisContext
  readonly grace: Grace
  readonly sessionSecret: string | undefined
  readonly sumUsage: UsageRoom['sumUsage']
}

/** Makes all rooms but that of usage. */
export function createRooms({ context, grace, sessionSecret, sumUsage }: RoomParts): RedisRooms {
  const holders = createBudgetHolders(context, grace)
  const admissions = createAdmissions({ context, grace, holders, sumUsage })
  const rejections = createRejections(context)
  const states = createAccountStateRoom(context)
  const view = createAccountView(context.feed, grace)
  const responses = createResponses(context)
  const shortenResponses = responses.shorten
  const keyFor = createSessionKeys(sessionSecret)
  const attempts = createLoginAttempts(context, () => keyFor('login-attempt'))
  const rooms: Rooms = {
    ...states,
    ...createAccountRoom({ context, view, states }),
    ...createRelayKeyRoom({ context, find: createRelayKeyFinder(context, grace), shortenResponses }),
    ...createConfigRoom(context, shortenResponses),
    ...createAdminRoom(context, attempts),
    ...createApiTokenRoom(context, () => keyFor('api-token')),
    ...createAuditRoom(context),
    ...createSessionRoom(context, () => keyFor('session-token')),
    ...admissions.room,
    ...holders.room,
    ...rejections.room,
    ...createLeaseRoom({ context, grace, recordAccountCost: states.recordAccountCost }),
    ...responses.room,
    ...createCaptureRoom(context),
    ...createSettingRoom(context, grace),
    ...createNoticeRoom(context),
    ...createPlaceRoom(context),
    ...createKeyRoom(context),
    ...createUsageHistory(context),
    writeEverything: async (rows) => writeEverything(context, rows),
  }
  return { rooms, closers: [admissions.stop, rejections.stop] }
}
