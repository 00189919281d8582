import type { AuditInput, AuditObject } from '@relay/account-store'

import type { AdminContext, AdminRooms } from './admin-rooms.ts'
import { readAddress } from './admin-rooms.ts'
import type { Caller } from './caller.ts'

/** What was done, for the log of actions. Never with a secret. */
export interface Deed {
  /** e.g. `account.update`. */
  readonly action: string
  readonly object?: AuditObject | undefined
  /** The whole object as it was; only what changed is kept. */
  readonly before?: object | undefined
  /** The whole object as it is; only what changed is kept. */
  readonly after?: object | undefined
}

interface DoneBy {
  readonly context: AdminContext
  readonly caller: Pick<Caller, 'userName' | 'token'>
  readonly deed: Deed
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

type Fields = Readonly<Record<string, unknown>>

/** The fields that differ; of something that is new or gone, all. What moves by itself is no change. */
function changesBetween(
  before: object | undefined,
  after: object | undefined,
): { readonly before: Fields | undefined; readonly after: Fields | undefined } {
  const old: Fields = { ...before }
  const next: Fields = { ...after }
  const names = [...new Set([...Object.keys(old), ...Object.keys(next)])].filter(
    (name) => !MOVING.has(name) && JSON.stringify(old[name]) !== JSON.stringify(next[name]),
  )
  const pick = (fields: Fields): Fields =>
    Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]))
  return {
    before: before === undefined ? undefined : pick(old),
    after: after === undefined ? undefined : pick(next),
  }
}

const MOVING: ReadonlySet<string> = new Set(['id', 'state', 'createdAt', 'updatedAt', 'lastUsedAt'])
