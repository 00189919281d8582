import { StoreError } from '../store-error.ts'
import type { AccountDocument } from './account-documents.ts'
import { STATE_PARTS, toDocument } from './account-documents.ts'
import type { RedisLink } from './link.ts'
import type { RedisKeys } from './redis-keys.ts'
import { toList, toText, toTexts } from './reply.ts'
import { READ_CHANGES } from './scripts/read-changes.ts'

/** Which relay keys have changed; `all` when that is not known. */
export type ChangedKeys = readonly string[] | 'all'

/**
 * This node's copy of the accounts, and the news about relay keys.
 *
 * It asks for changes five times a second. One small script does that in every kind of set-up: there is no subscription that
 * could break without a word, and a failover that lost changes is noticed by the token of the last one.
 */
export interface ChangeFeed {
  /** Ends when memory holds everything that was true a moment ago, and everything that this node itself has changed.
   * @throws StoreError when Redis cannot be asked */
  catchUp(): Promise<void>
  /** This node has changed something: what is in memory does not count any more. */
  expire(): void
  /** By id; at most a moment old after `catchUp`, and as it was last known while Redis is away. */
  accounts(): ReadonlyMap<string, AccountDocument>
  /** All accounts by age; the array is made anew for every change. */
  sorted(): readonly AccountDocument[]
  /** How long ago memory was as good as Redis, in milliseconds. */
  ageMs(): number
  onKeysChanged(listener: (ids: ChangedKeys) => void): void
  /** Owners or teams may have changed. */
  onHoldersChanged(listener: () => void): void
  start(): void
  stop(): void
}

/** How often the feed asks by itself; with the limit below well within the second of reliability 6.5. */
const POLL_MS = 200
/** Older knowledge is not used while Redis answers. */
const MAX_AGE_MS = 600

/** What the feed reads from. */
export interface ChangeFeedParts {
  readonly link: RedisLink
  readonly keys: RedisKeys
  /** The data set this node was started on. */
  readonly instanceId: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Told what the data set says of a rotation of the encryption key. */
  readonly learn: (rotation: string | undefined) => void
}

interface Copy {
  revision: string
  token: string
  readonly documents: Map<string, AccountDocument>
  sorted: readonly AccountDocument[]
}

/** Makes a feed that knows nothing yet. */
export function createChangeFeed(parts: ChangeFeedParts): ChangeFeed {
  const copy: Copy = { revision: '0', token: '', documents: new Map(), sorted: [] }
  const keyListeners: ((ids: ChangedKeys) => void)[] = []
  const holderListeners: (() => void)[] = []
  let readAtMs = -Infinity
  let wanted = 1
  let seen = 0
  let running: { readonly wanted: number; readonly end: Promise<void> } | undefined
  let timer: NodeJS.Timeout | undefined

  async function read(): Promise<void> {
    const startedFor = wanted
    const startedAtMs = performance.now()
    const answer = await askForChanges(copy, parts)
    const changed = takeChanges(copy, parts, answer)
    parts.learn(toText(answer[6]))
    if (changed !== undefined) tell(changed)
    readAtMs = startedAtMs
    seen = startedFor
  }

  function tell(members: ChangedKeys): void {
    const isAll = members === 'all'
    const keyIds = isAll ? 'all' : idsOf(members, 'relay-key:')
    for (const listener of keyListeners) listener(keyIds)
    if (isAll || idsOf(members, 'holder:').length > 0) for (const listener of holderListeners) listener()
  }

  /** Callers that come together share one question, if it was asked after what they want to know. */
  async function ask(): Promise<void> {
    if (running?.wanted === wanted) return running.end
    const before = running?.end.catch(ignore) ?? Promise.resolve()
    const mine = { wanted, end: before.then(read) }
    running = mine
    try {
      await mine.end
    } finally {
      if (running === mine) running = undefined
    }
  }

  async function catchUp(): Promise<void> {
    if (seen === wanted && performance.now() - readAtMs <= MAX_AGE_MS) return
    await parts.link.ready() // what this node itself has found out already is not found out anew by every request
    await ask()
  }

  function schedule(): void {
    if (stopped) return
    timer = setTimeout(() => {
      // Trouble shows where the store is used; this loop is what finds out that it is over.
      void ask().catch(ignore).then(schedule)
    }, pauseMs(parts.link))
    timer.unref()
  }

  let stopped = false
  function stop(): void {
    clearTimeout(timer)
    stopped = true
  }

  return {
    catchUp,
    expire: () => {
      wanted += 1
    },
    accounts: () => copy.documents,
    sorted: () => copy.sorted,
    ageMs: () => performance.now() - readAtMs,
    onKeysChanged: (listener) => void keyListeners.push(listener),
    onHoldersChanged: (listener) => void holderListeners.push(listener),
    start: schedule,
    stop,
  }
}

/** Whether a server that was slow is that still is worth knowing at once. */
function pauseMs(link: RedisLink): number {
  return link.isTooSlow() ? 0 : POLL_MS
}

function ignore(): void {
  // Said above: the caller who needs the answer asks again and sees the trouble.
}

async function askForChanges(copy: Copy, { link, keys }: ChangeFeedParts): Promise<readonly unknown[]> {
  const answer = await link.probe(READ_CHANGES, {
    keys: [keys.meta, keys.history, keys.changes, keys.accounts, keys.accountStates],
    args: [copy.revision, copy.token, ...STATE_PARTS],
  })
  return toList(answer)
}

/** @returns what has changed, as it is in the sorted set; `undefined` for nothing at all */
function takeChanges(
  copy: Copy,
  { instanceId, now }: ChangeFeedParts,
  answer: readonly unknown[],
): ChangedKeys | undefined {
  const [instance, revision, token, reach, members, accounts] = answer
  requireInstance(instanceId, toText(instance))
  const flat = toTexts(accounts)
  const changed = toTexts(members).filter((member) => member !== undefined)
  if (reach !== 'all' && changed.length === 0 && flat.length === 0) {
    copy.revision = toText(revision) ?? '0'
    copy.token = toText(token) ?? ''
    return undefined
  }
  if (reach === 'all') copy.documents.clear()
  takeAccounts(copy, flat, now())
  copy.revision = toText(revision) ?? '0'
  copy.token = toText(token) ?? ''
  return reach === 'all' ? 'all' : changed
}

function idsOf(members: readonly string[], prefix: string): readonly string[] {
  return members.filter((member) => member.startsWith(prefix)).map((member) => member.slice(prefix.length))
}

function takeAccounts(copy: Copy, flat: readonly (string | undefined)[], nowMs: number): void {
  if (flat.length === 0 && copy.documents.size === copy.sorted.length) return
  const width = 2 + STATE_PARTS.length
  for (let start = 0; start < flat.length; start += width) {
    const [id = '', row, ...states] = flat.slice(start, start + width)
    if (row === undefined) copy.documents.delete(id)
    else copy.documents.set(id, toDocument(row, states, nowMs))
  }
  copy.sorted = [...copy.documents.values()].toSorted(byAge)
}

function byAge({ account: left }: AccountDocument, { account: right }: AccountDocument): number {
  return left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1)
}

/** Another data set in the old place has another pepper and other keys: nothing of it may be mixed with what is in memory. */
function requireInstance(expected: string, found: string | undefined): void {
  if (found === expected) return
  const what = found === undefined ? 'is gone from Redis' : 'in Redis was replaced by another one'
  throw new StoreError('store-damaged', `the data set ${what}; restore a backup, or start Relay anew`)
}
