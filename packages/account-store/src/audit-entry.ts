import { checkNumber, checkText } from './check-field.ts'

/** Who did something: a person in the panel, a program with a token, the command, or the relay itself. */
export interface AuditActor {
  readonly kind: 'user' | 'token' | 'command' | 'system'
  /** The person's name; for the command the name of the operating system's user. */
  readonly name: string
  /** The name of the token that was used. */
  readonly token?: string | undefined
}

/** What something was done to. */
export interface AuditObject {
  /** e.g. `account`, `relay-key`. */
  readonly kind: string
  readonly id: string
  /** As it was called then. */
  readonly name: string
}

/** One thing that was done: who, what, when, from where, and what it was before and after. It never holds a secret. */
export interface AuditEntry {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly actor: AuditActor
  /** e.g. `account.update`. */
  readonly action: string
  readonly object: AuditObject | undefined
  readonly address: string | undefined
  /** The fields that changed, as they were. */
  readonly before: Readonly<Record<string, unknown>> | undefined
  /** The fields that changed, as they are. */
  readonly after: Readonly<Record<string, unknown>> | undefined
}

/** What is written down; the store adds the time and the id. */
export interface AuditInput
  extends Pick<AuditEntry, 'actor' | 'action'>, Partial<Omit<AuditEntry, 'id' | 'at' | 'actor' | 'action'>> {}

/** Which entries; fields that are there must all hold. */
export interface AuditQuery {
  /** The name of a person. */
  readonly actor?: string | undefined
  /** A whole action or the part before its dot. */
  readonly action?: string | undefined
  readonly objectKind?: string | undefined
  readonly objectId?: string | undefined
  /** Milliseconds since the epoch, included. */
  readonly from?: number | undefined
  /** Milliseconds since the epoch, not included. */
  readonly before?: number | undefined
  /** 1 to 500; 50 unless said otherwise. */
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** One page, newest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[]
  /** Hand this back as `cursor` for older ones; `undefined` when there are none. */
  readonly nextCursor: string | undefined
}

const SHORT = { min: 1, max: 200 }
const MAX_CHANGE_CHARACTERS = 20_000
const PAGE_ENTRIES = { min: 1, max: 500 }
const DEFAULT_PAGE_ENTRIES = 50

/**
 * Checks what is to be written down; a change that is too long is replaced by a note of its length.
 *
 * @throws StoreError `invalid-input`, naming the field
 */
export function checkAuditInput(input: AuditInput): AuditInput {
  const { actor, object } = input
  return {
    actor: { kind: actor.kind, name: checkText('actor.name', actor.name, SHORT), token: actor.token },
    action: checkText('action', input.action, SHORT),
    object: object === undefined ? undefined : { kind: object.kind, id: object.id, name: object.name.slice(0, 200) },
    address: input.address?.slice(0, 200),
    before: limitChange(input.before),
    after: limitChange(input.after),
  }
}

/** How many entries a page has. @throws StoreError `invalid-input` */
export function auditPageLimit({ limit }: AuditQuery): number {
  return checkNumber('limit', limit ?? DEFAULT_PAGE_ENTRIES, PAGE_ENTRIES)
}

function limitChange(change: AuditEntry['before']): AuditEntry['before'] {
  if (change === undefined) return undefined
  const { length } = JSON.stringify(change)
  return length <= MAX_CHANGE_CHARACTERS ? change : { tooLong: length }
}
