import type { AuditInput } from '@relay/account-store'

import type { Deed } from '../observe/deed.ts'
import { changesBetween } from '../observe/deed.ts'
import type { AdminContext, AdminRooms } from './admin-rooms.ts'
import { readAddress } from './admin-rooms.ts'
import type { Caller } from './caller.ts'
import type { AuditAction } from './contract/index.ts'

/** A deed by one of the names that the panel has words for. */
export interface AdminDeed extends Deed {
  readonly action: AuditAction
}

interface DoneBy {
  readonly context: AdminContext
  readonly caller: Pick<Caller, 'userName' | 'token'>
  readonly deed: AdminDeed
}

/** Writes down what was done, by whom and from where. It is done already, so trouble here is for the log only. */
export async function noteDeed(rooms: AdminRooms, { context, caller, deed }: DoneBy): Promise<void> {
  const { userName: name, token } = caller
  const address = readAddress(rooms, context)
  const input: AuditInput = {
    actor: token === undefined ? { kind: 'user', name } : { kind: 'token', name, token: token.name },
    action: deed.action,
    object: deed.object,
    address: address === '' ? undefined : address,
    ...changesBetween(deed.before, deed.after),
  }
  try {
    await rooms.store.recordAudit(input)
  } catch (error) {
    rooms.log.error({ action: deed.action, user: name, error }, 'an admin action could not be written down')
  }
}
