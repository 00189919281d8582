import type { AccountStore, PlaceKind } from '@relay/account-store'

import type { Log } from '../../observe/log.ts'

const MAX_ENTRIES = 10_000

/** Where something goes on, and whose it is. */
export interface Holder {
  /** The relay key that it was begun with. */
  readonly keyId: string
  readonly accountId: string
}

/** Which account serves something that goes on, such as a thread or a session. */
export interface AccountMemory {
  /** Notes it here at once, and for the other nodes in the background where that is news. */
  remember(name: string, holder: Holder): void
  /** Asks the store, where this process does not know or knew long ago; to be called before `find`. Never rejects. */
  recall(name: string): Promise<void>
  /** What this process knows. */
  find(name: string): Holder | undefined
  forget(name: string): void
}

/** What a memory is made of. */
export interface MemoryRooms {
  readonly store: Pick<AccountStore, 'rememberPlace' | 'findPlace' | 'forgetPlace'>
  readonly log: Log
}

/** What is remembered, and how long after its last use. */
export interface MemoryKind {
  readonly kind: PlaceKind
  readonly ttlMs: number
  /** How long this process goes by what it knows before it asks whether another node has moved it; for ever unless given. */
  readonly freshMs?: number
}

interface Entry extends Holder {
  /** Milliseconds since the epoch. */
  readonly until: number
  /** Until when the other nodes know it; 0: they do not. */
  toldUntil: number
  /** When this process last knew it to be so; milliseconds since the epoch. */
  checkedAt: number
}

/**
 * Remembers the last ones in this process, and all in the store for the other nodes: whoever is forgotten starts anew
 * somewhere. While the store is away each process goes by what it knows.
 */
export function createAccountMemory(
  { store, log }: MemoryRooms,
  { kind, ttlMs, freshMs = Infinity }: MemoryKind,
): AccountMemory {
  const entries = new Map<string, Entry>()

  function find(name: string): Entry | undefined {
    const entry = entries.get(name)
    return entry === undefined || entry.until < Date.now() ? undefined : entry
  }

  /** What other nodes have not been told of is known best here. */
  function isFresh(entry: Entry | undefined): boolean {
    return entry !== undefined && (entry.toldUntil === 0 || Date.now() - entry.checkedAt < freshMs)
  }

  function keep(name: string, entry: Entry): void {
    entries.delete(name)
    entries.set(name, entry)
    const oldest = entries.keys().next().value
    if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest)
  }

  function tell(name: string, entry: Entry): void {
    entry.toldUntil = entry.until
    store
      .rememberPlace({ kind, name, keyId: entry.keyId, accountId: entry.accountId, ttlMs })
      .catch((error: unknown) => {
        const current = entries.get(name)
        if (current !== undefined) current.toldUntil = 0
        log.debug({ error, kind }, 'the other nodes were not told where something goes on')
      })
  }

  return {
    find,
    remember: (name, { keyId, accountId }) => {
      const earlier = find(name)
      const isSame = earlier?.accountId === accountId && earlier.keyId === keyId
      const now = Date.now()
      const [toldUntil, checkedAt] = isSame ? [earlier.toldUntil, earlier.checkedAt] : [0, now]
      const entry: Entry = { keyId, accountId, until: now + ttlMs, toldUntil, checkedAt }
      keep(name, entry)
      if (entry.toldUntil < now + ttlMs / 2) tell(name, entry)
    },
    recall: async (name) => {
      const known = find(name)
      if (isFresh(known)) return
      if (known !== undefined) known.checkedAt = Date.now() // one request asks for all that come meanwhile
      try {
        const place = await store.findPlace(kind, name)
        if (place === undefined || find(name) !== known) return
        const { keyId, accountId, endsAt } = place
        keep(name, { keyId, accountId, until: endsAt, toldUntil: endsAt, checkedAt: Date.now() })
      } catch (error) {
        log.debug({ error, kind }, 'the store does not say where something goes on')
      }
    },
    forget: (name) => {
      entries.delete(name)
      store
        .forgetPlace(kind, name)
        .catch((error: unknown) => log.debug({ error, kind }, 'the other nodes still know where something went on'))
    },
  }
}
