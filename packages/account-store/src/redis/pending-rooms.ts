import type { RelayKeyRoom } from '../store/relay-key-room.ts'
import { notSupported } from './not-supported.ts'

/** Steps on relay keys that this backend does not have yet. */
export const PENDING_KEY_STEPS: Pick<RelayKeyRoom, 'rotateRelayKey' | 'importRelayKey'> = {
  rotateRelayKey: () => notSupported('rotation of relay keys'),
  importRelayKey: () => notSupported('import of relay keys'),
}
