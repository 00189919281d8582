import {
  bulkOutcomeSchema,
  holderListSchema,
  issuedKeySchema,
  keyListSchema,
  keySchema,
} from '@relay/server/admin-contract'
import type {
  BulkOutcome,
  HolderInputBody,
  HolderList,
  IssuedKey,
  KeyBulk,
  KeyChangeBody,
  KeyInputBody,
  KeyList,
  KeyView,
} from '@relay/server/admin-contract'

import { call } from './call.ts'

const place = (id: string, rest = ''): string => `/keys/${encodeURIComponent(id)}${rest}`

/** Relay keys, and the limits of their owners and teams. */
export const keyApi = {
  listKeys: (signal?: AbortSignal): Promise<KeyList> => call({ path: '/keys', answer: keyListSchema, signal }),
  createKey: (body: KeyInputBody): Promise<IssuedKey> =>
    call({ method: 'POST', path: '/keys', body, answer: issuedKeySchema }),
  updateKey: (id: string, body: KeyChangeBody): Promise<KeyView> =>
    call({ method: 'PATCH', path: place(id), body, answer: keySchema }),
  rotateKey: (id: string, overlapMs: number): Promise<IssuedKey> =>
    call({ method: 'POST', path: place(id, '/rotate'), body: { overlapMs }, answer: issuedKeySchema }),
  revokeKey: (id: string): Promise<KeyView> => call({ method: 'DELETE', path: place(id), answer: keySchema }),
  restoreKey: (id: string): Promise<KeyView> =>
    call({ method: 'POST', path: place(id, '/restore'), answer: keySchema }),
  changeKeys: (body: KeyBulk): Promise<BulkOutcome> =>
    call({ method: 'POST', path: '/keys/bulk', body, answer: bulkOutcomeSchema }),
  listHolders: (): Promise<HolderList> => call({ path: '/holders', answer: holderListSchema }),
  setHolder: (body: HolderInputBody): Promise<HolderList> =>
    call({ method: 'PUT', path: '/holders', body, answer: holderListSchema }),
  removeHolder: (kind: string, name: string): Promise<HolderList> =>
    call({ method: 'DELETE', path: `/holders/${kind}/${encodeURIComponent(name)}`, answer: holderListSchema }),
}
