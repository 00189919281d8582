import type { AuditInput, AuditPage, AuditQuery } from '../audit-entry.ts'

/** What admins and their programs did. Entries are written and read, and go by age only. */
export interface AuditRoom {
  /** @throws StoreError `invalid-input` */
  recordAudit(input: AuditInput): Promise<void>
  /** @throws StoreError `invalid-input` for a cursor or limit out of bounds */
  listAudit(query?: AuditQuery): Promise<AuditPage>
  /** Removes entries from before a time, in milliseconds since the epoch.
   * @returns how many */
  removeOldAudit(before: number): Promise<number>
}
