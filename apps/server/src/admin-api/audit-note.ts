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

/** What was done, by whom and from where, as the log of actions keeps it. */
export function auditInputOf(rooms: AdminRooms, { context, caller, deed }: DoneBy): AuditInput {
  const { userName: name, token } = caller
  const address = readAddress(rooms, context)
  return {
    actor: token === undefined ? { kind: 'user', name } : { kind: 'token', name, token: token.name },
    action: deed.action,
    object: deed.object,
    address: address === '' ? undefined : address,
    ...changesBetween(deed.before, deed.after),
  }
}

/** Writes it down. It is done already, so trouble here is for the log only. */
export async function noteDeed(rooms: AdminRooms, done: DoneBy): Promise<void> {
  try {
    await rooms.store.recordAudit(auditInputOf(rooms, done))
  } catch (error) {
    const { caller, deed } = done
    rooms.log.error({ action: deed.action, user: caller.userName, error }, 'an admin action could not be written down')
  }
}
