import { createGrace } from '../away/grace.ts'
import { requireStrongSecret } from '../crypto/derive-key.ts'
import { createKeyRing } from '../crypto/key-ring.ts'
import { createSessionKeys } from '../crypto/session-keys.ts'
import type { AdmissionDesk } from '../limits/admission-desk.ts'
import type { AccountStore } from '../store/account-store.ts'
import type { RejectionRoom } from '../store/rejection-room.ts'
import type { StoreHealth } from '../store/store-health.ts'
import type { TransferRoom } from '../store/transfer-room.ts'
import { createAccountNotes } from './account-notes.ts'
import { createAccountQuota } from './account-quota.ts'
import { createAccountSnapshot } from './account-snapshot.ts'
import { createAccountStateReader } from './account-state-reader.ts'
import { createAccountStateRoom } from './account-state.ts'
import { createAccountTable } from './account-table.ts'
import { createAccountRoom } from './accounts.ts'
import { createAdminRoom } from './admin-users.ts'
import { createAdmissions } from './admissions.ts'
import { createApiTokenRoom } from './api-tokens.ts'
import { createConfigRoom } from './apply-config.ts'
import { createAuditRoom } from './audit-log.ts'
import { createBudgetHolders } from './budget-holders.ts'
import { createCaptureRoom } from './captures.ts'
import type { Checkpointer } from './checkpointer.ts'
import { createCheckpointer } from './checkpointer.ts'
import type { StoreContext } from './context.ts'
import { createLeaseRoom } from './leases.ts'
import { createLoginAttempts } from './login-attempts.ts'
import { openPepper, readMeta } from './meta.ts'
import { createNoticeRoom } from './notices.ts'
import { openDatabase, readSchemaVersion } from './open-database.ts'
import { createOwnProcess } from './own-process.ts'
import { createPlaceRoom } from './places.ts'
import type { SqliteRejections } from './rejections.ts'
import { createRejections } from './rejections.ts'
import { createRelayKeyTable } from './relay-key-table.ts'
import { createRelayKeyRoom } from './relay-keys.ts'
import { createResponseRoom } from './responses.ts'
import { createRevision } from './revision.ts'
import { createKeyRoom, readRotation, ROTATION_POLL_MS } from './rotate-key.ts'
import { createSessionRoom } from './sessions.ts'
import { createSettingRoom } from './settings.ts'
import { createTransferRoom } from './transfer.ts'
import type { SqliteUsage } from './usage.ts'
import { createUsage } from './usage.ts'

/** Where the embedded store is and what opens it. */
export interface SqliteStoreOptions {
  /** A file, made with its folder when it is not there; several processes may share it. `:memory:` is gone after `close()`. */
  readonly path: string
  /** `ENCRYPTION_KEY`: seals credentials; at least 32 characters. */
  readonly encryptionKey: string
  /** `JWT_SECRET`: keys the hashes of session tokens; at least 32 characters. Without it sessions and logins are refused. */
  readonly sessionSecret?: string | undefined
  /** A folder for usage records that cannot be written now; without it they wait in memory. */
  readonly queueFolder?: string | undefined
  /** While nothing can be written every request of a limited key is refused, instead of counting in memory. */
  readonly isStrict?: boolean | undefined
  /** Told before an older data set is copied and upgraded, which nothing else can be done beside. */
  readonly onUpgrade?: ((message: string) => void) | undefined
  /** The clock in milliseconds since the epoch; the system's unless said otherwise. */
  readonly now?: (() => number) | undefined
}

/**
 * Opens the embedded store, which needs nothing but a file.
 *
 * A new file is made, an older data set is upgraded after a backup beside it; anything else that does not fit is refused and left as it is.
 *
 * @throws StoreError `weak-secret`, `wrong-encryption-key`, `not-a-store`, `store-damaged`, `store-too-new`, `store-busy`,
 * `store-full`, `store-read-only`, `store-unavailable`
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<AccountStore> {
  requireStrongSecret('ENCRYPTION_KEY', options.encryptionKey)
  if (options.sessionSecret !== undefined) requireStrongSecret('JWT_SECRET', options.sessionSecret)
  const context = openContext(options)
  const usage = createUsage(context, options.queueFolder)
  const rejections = createRejections(context)
  const rooms = createRooms(context, { sessionSecret: options.sessionSecret, sumUsage: usage.room.sumUsage })
  return {
    ...rooms.rooms,
    ...usage.room,
    ...createTransferRoom(context, usage.room.flushUsage),
    ...rejections.room,
    checkHealth: createHealthCheck(context, usage),
    close: createClose(context, {
      usage,
      rejections,
      admissions: rooms.admissions,
      checkpointer: createCheckpointer(options.path),
    }),
  }
}

/** Every process has to know when the encryption key is being rotated, the idle ones too. */
function watchRotation({ durable, box }: StoreContext): () => void {
  const timer = setInterval(() => {
    try {
      box.learn(readRotation(durable))
    } catch {
      // The file cannot be read just now; the next look is soon.
    }
  }, ROTATION_POLL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** What has to come to its end before the connections are closed: most of it writes behind. */
interface Waiting {
  readonly usage: SqliteUsage
  readonly rejections: SqliteRejections
  readonly admissions: AdmissionDesk
  readonly checkpointer: Checkpointer
}

function createClose(
  context: StoreContext,
  { usage, rejections, admissions, checkpointer }: Waiting,
): () => Promise<void> {
  const { durable, fast } = context
  const stopWatching = watchRotation(context)
  let isOpen = true
  return async () => {
    if (!isOpen) return
    isOpen = false
    stopWatching()
    try {
      await admissions.stop()
      rejections.stop()
      await usage.queue.stop()
    } finally {
      await checkpointer.stop()
      fast.close()
      durable.close()
    }
  }
}

function openContext({ path, encryptionKey, now, isStrict = false, onUpgrade }: SqliteStoreOptions): StoreContext {
  const clock = now ?? Date.now
  const grace = createGrace(isStrict)
  const box = createKeyRing(encryptionKey)
  const database = openDatabase({ path, box, onUpgrade })
  return {
    ...database,
    grace,
    box,
    pepper: openPepper(database.durable, box),
    now: clock,
    self: createOwnProcess(database.fast, clock),
    steadyClock: now ?? (() => performance.now()),
    accountRevision: createRevision(database, grace, 'accounts-revision'),
    relayKeyRevision: createRevision(database, grace, 'relay-keys-revision'),
  }
}

type Rooms = Omit<
  AccountStore,
  keyof SqliteUsage['room'] | keyof TransferRoom | keyof RejectionRoom | 'checkHealth' | 'close'
>

interface RoomParts {
  readonly sessionSecret: string | undefined
  readonly sumUsage: AccountStore['sumUsage']
}

function createRooms(
  context: StoreContext,
  { sessionSecret, sumUsage }: RoomParts,
): { readonly rooms: Rooms; readonly admissions: AdmissionDesk } {
  const quota = createAccountQuota(context)
  const reader = createAccountStateReader(context, quota)
  const snapshot = createAccountSnapshot(context, reader)
  const accounts = createAccountTable(context)
  const relayKeys = createRelayKeyTable(context)
  const holders = createBudgetHolders(context)
  const notes = createAccountNotes(context, { snapshot, quota })
  const states = { ...createAccountStateRoom(context, { snapshot, reader }), ...notes }
  const keyFor = createSessionKeys(sessionSecret)
  const attempts = createLoginAttempts(context, () => keyFor('login-attempt'))
  const admissions = createAdmissions({ context, holders, sumUsage })
  const rooms: Rooms = {
    ...states,
    ...createAccountRoom({ context, table: accounts, snapshot, states }),
    ...createRelayKeyRoom(context, relayKeys),
    ...holders.room,
    ...admissions.room,
    ...createConfigRoom({ context, accounts, relayKeys, holders }),
    ...createAdminRoom(context, attempts),
    ...createSessionRoom(context, () => keyFor('session-token')),
    ...createApiTokenRoom(context, () => keyFor('api-token')),
    ...createAuditRoom(context),
    ...createLeaseRoom({ context, snapshot, quota }),
    ...createResponseRoom(context),
    ...createCaptureRoom(context),
    ...createSettingRoom(context),
    ...createNoticeRoom(context),
    ...createPlaceRoom(context),
    ...createKeyRoom(context),
  }
  return { rooms, admissions }
}

function createHealthCheck(context: StoreContext, usage: SqliteUsage): () => Promise<StoreHealth> {
  const { durable, fast } = context
  const schemaVersion = readSchemaVersion(durable)
  const instanceId = String(readMeta(durable, 'instance-id'))
  return async () => ({
    backend: 'sqlite',
    schemaVersion,
    instanceId,
    isReadable: isWorking(() => void readMeta(durable, 'instance-id')),
    isWritable: isWorking(() =>
      fast.transaction(() => fast.execute(`UPDATE meta SET value = value WHERE name = 'instance-id'`)),
    ),
    usageQueue: usage.queue.state(),
    advice: [],
  })
}

function isWorking(work: () => void): boolean {
  try {
    work()
    return true
  } catch {
    // The answer is the outcome; what exactly is wrong shows where the store is used.
    return false
  }
}
