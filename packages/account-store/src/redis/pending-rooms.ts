import type { AdmissionRoom } from '../store/admission-room.ts'
import type { BudgetHolderRoom } from '../store/budget-holder-room.ts'
import type { RejectionRoom } from '../store/rejection-room.ts'
import { notSupported } from './not-supported.ts'

/** Rooms of the port that this backend does not have yet. */
export const PENDING_ROOMS: AdmissionRoom & BudgetHolderRoom & RejectionRoom = {
  admit: () => notSupported('limits'),
  settle: () => notSupported('limits'),
  renewAdmissions: () => notSupported('limits'),
  readBounds: () => notSupported('limits'),
  setBudgetHolder: () => notSupported('owners and teams'),
  getBudgetHolder: () => notSupported('owners and teams'),
  listBudgetHolders: () => notSupported('owners and teams'),
  removeBudgetHolder: () => notSupported('owners and teams'),
  recordRejection: () => undefined,
  countRejections: () => notSupported('counts of rejections'),
}
