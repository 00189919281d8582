import type { AccountRoom } from './account-room.ts'
import type { AccountStateRoom } from './account-state-room.ts'
import type { AdminRoom } from './admin-room.ts'
import type { AdmissionRoom } from './admission-room.ts'
import type { ApiTokenRoom } from './api-token-room.ts'
import type { AuditRoom } from './audit-room.ts'
import type { BudgetHolderRoom } from './budget-holder-room.ts'
import type { CaptureRoom } from './capture-room.ts'
import type { ConfigRoom } from './config-room.ts'
import type { KeyRoom } from './key-room.ts'
import type { LeaseRoom } from './lease-room.ts'
import type { NoticeRoom } from './notice-room.ts'
import type { PlaceRoom } from './place-room.ts'
import type { RejectionRoom } from './rejection-room.ts'
import type { RelayKeyRoom } from './relay-key-room.ts'
import type { ResponseRoom } from './response-room.ts'
import type { SessionRoom } from './session-room.ts'
import type { SettingRoom } from './setting-room.ts'
import type { StoreHealth } from './store-health.ts'
import type { TransferRoom } from './transfer-room.ts'
import type { UsageRoom } from './usage-room.ts'

/**
 * The port: what any backend must do.
 *
 * Every method that changes something is one atomic step: it happens wholly or not at all, on every node, also
 * when the process dies in the middle. What a method of accounts, relay keys or admin users has confirmed is on disk
 * and survives a power cut. Changes made by one process are seen by all others within a second. Trouble is a
 * rejected promise with a `StoreError`.
 */
export interface AccountStore
  extends
    AccountRoom,
    AccountStateRoom,
    RelayKeyRoom,
    ConfigRoom,
    AdminRoom,
    SessionRoom,
    ApiTokenRoom,
    AuditRoom,
    LeaseRoom,
    AdmissionRoom,
    BudgetHolderRoom,
    RejectionRoom,
    ResponseRoom,
    CaptureRoom,
    UsageRoom,
    KeyRoom,
    NoticeRoom,
    PlaceRoom,
    TransferRoom,
    SettingRoom {
  /** Says what this store is and whether it can be read and written right now; never rejects. */
  checkHealth(): Promise<StoreHealth>
  /** Writes what is waiting, then lets go of everything. Calling it twice does no harm. */
  close(): Promise<void>
}
