import type { Account, AuditObject } from '@relay/account-store'

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

type Fields = Readonly<Record<string, unknown>>

/** What the log of actions keeps of an object that was changed. */
export interface Changes {
  /** `undefined` for an object that is new. */
  readonly before: Fields | undefined
  /** `undefined` for an object that is gone. */
  readonly after: Fields | undefined
}

/** The fields that differ; of something that is new or gone, all. What moves by itself is no change. */
export function changesBetween(before: object | undefined, after: object | undefined): Changes {
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

/** What of an account is written down: its settings. Header values may be secrets of a kind, so only their names. */
export function auditFields({ headers, state: _state, ...account }: Account): object {
  return { ...account, headers: Object.keys(headers) }
}
