/**
 * The only place that spells a key of Redis.
 *
 * Keys of one room share a hash tag, the text in braces, so that Redis Cluster keeps them on one node and a script may touch
 * all of them: `config` for what operators decide, `limits` for slots and counters, `usage` for records, and one of its own
 * for the kept responses of each relay key, and `captures`.
 */
export interface RedisKeys {
  /** Hash: facts about the data set, see `meta.ts`. */
  readonly meta: string
  /** Hash: revision → token of the commit that made it; the last {@link HISTORY_LENGTH}. */
  readonly history: string
  /** Sorted set: `account:<id>` or `relay-key:<id>`, scored by the revision of its last change. */
  readonly changes: string
  /** Hash: id → row as JSON. */
  readonly accounts: string
  /** Hash: name → id. */
  readonly accountNames: string
  /** Hash: `<id>:<part>` → JSON; parts are in `account-documents.ts`. */
  readonly accountStates: string
  /** Hash: id → row as JSON. */
  readonly relayKeys: string
  /** Hash: name → id of keys that are not revoked. */
  readonly relayKeyNames: string
  /** Hash: digest of a secret in hex → key id. */
  readonly relayKeyDigests: string
  /** Hash: id → suffix of another system's hashes, sealed. */
  readonly foreignSuffixes: string
  /** Hash: id → row as JSON. */
  readonly adminUsers: string
  /** Hash: name in lower case → id. */
  readonly adminNames: string
  /** Hash: digest of a token in hex → row as JSON. */
  readonly sessions: string
  /** Hash: id of a session → digest in hex. */
  readonly sessionIds: string
  /** Hash: digest of a token of the admin API in hex → row as JSON. */
  readonly apiTokens: string
  /** Hash: name of a token → its digest. */
  readonly apiTokenNames: string
  /** Keys of the log of what admins did. */
  readonly audit: AuditKeys
  /** Hash: name → value. */
  readonly settings: string
  /** Sorted set: subject of login attempts, scored by the time of the last one. */
  readonly loginTimes: string
  /** Hash: subject → failures. */
  readonly loginFailures: string
  /** Hash: id of a relay key → time of its last use. */
  readonly lastUses: string
  /** Sorted set: days that have usage records, as numbers since the epoch. */
  readonly usageDays: string
  /** Text that is there while something must not be said again. */
  notice(name: string): string
  /** JSON of where something goes on. Nothing is done with two of them at once, so that each lies on a node of its own. */
  place(kind: string, name: string): string
  /** Hash: `records` and `hours` → until when single records, and sums by the hour, were removed. */
  readonly usageSince: string
  /** Hash: id of a sum of another system → when it was added. */
  readonly usageHistory: string
  /** Hash: request id → JSON {node, record} of a request that has no record yet. */
  readonly running: string
  /** Hash: id of a process → when it was seen, by the server's clock. */
  readonly nodes: string
  /** Sums of one level, see `usage-spans.ts`. */
  sumsOf(level: string): SumKeys
  /** Counter: orders usage records of one millisecond. */
  readonly usageNumber: string
  /** Keys of the usage records of one day. */
  usageOf(day: number): UsageKeys
  /** Hash: `owner:<name>` or `team:<name>` → row as JSON. */
  readonly budgetHolders: string
  /** Limits of a key, an owner or a team. */
  limitsOf(subject: string): LimitKeys
  /** Marks a request as settled that a node let in by itself. */
  settled(admissionId: string): string
  /** Sorted set: hours in which requests were rejected, scored by themselves. */
  readonly rejectionHours: string
  /** Hash: `<reason> <key id>` → count. */
  rejectionsOf(hour: number): string
  /** Sorted set of slots: lease id, scored by its end. */
  leases(resource: string): string
  /** What was spent of an account's daily quota, as `<day> <micro-USD>`, where its slots are. */
  quota(accountId: string): string
  /** Keys of the kept responses of one relay key. */
  responsesOf(keyId: string): ResponseKeys
  /** Set: ids of relay keys that have, or once had, kept responses. */
  readonly responseKeepers: string
  /** Captures of requests; in one room, since an operator looks at all of them. */
  readonly captures: CaptureKeys
}

/** Where the limits of a key, an owner or a team are. */
export interface LimitKeys {
  /** Sorted set: admission id, scored by its end. */
  readonly slots: string
  /** Hash: admission id → `<tokens> <micro-USD>`. */
  readonly reserved: string
  /** Hash: `<bound> <period>` → `<start> <used>`. */
  readonly counters: string
}

/** Where the sums of one level are. */
export interface SumKeys {
  /** Sorted set: starts of spans that have sums, scored by themselves. */
  readonly starts: string
  /** Hash: what records have in common, as JSON → their sums, see `usage-sum-row.ts`. */
  at(startsAt: number): string
}

/** Where the log of what admins did is. */
export interface AuditKeys {
  /** Counter: the number of the newest entry. */
  readonly number: string
  /** Hash: number → row as JSON. */
  readonly entries: string
  /** Sorted set: number, scored by its time. */
  readonly times: string
}

/** Where the usage records of one day are. The sorted sets list them as `<number>:<request id>`, scored by the time they arrived. */
export interface UsageKeys {
  /** Hash: request id → record as JSON. */
  readonly records: string
  readonly all: string
  ofRelayKey(keyId: string): string
  ofAccount(accountId: string): string
}

/** Where captures are. */
export interface CaptureKeys {
  /** Hash: key id → JSON of what is being captured. */
  readonly capturing: string
  /** Hash: request id → JSON without the body. */
  readonly entries: string
  /** Hash: request id → sealed body. */
  readonly bodies: string
  /** Sorted set: request id, scored by the time it was kept. */
  readonly order: string
  /** Sorted set: request id, scored by its end. */
  readonly ends: string
}

/** Where the kept responses of one relay key are. */
export interface ResponseKeys {
  /** Hash: response id → JSON without the body. */
  readonly facts: string
  /** Hash: response id → sealed body. */
  readonly bodies: string
  /** Sorted set: response id, scored by its number: the order in which they were saved. */
  readonly order: string
  /** Sorted set: response id, scored by its end. */
  readonly ends: string
  /** Hash: item id → JSON list of response ids, oldest first. */
  readonly items: string
}

/** Revisions of which the token is remembered: some minutes of busy changes. A node that is further behind reads everything. */
export const HISTORY_LENGTH = 2000

/**
 * Spells the keys of one installation.
 *
 * @param namespace - the prefix that installations on one Redis differ by
 */
export function createRedisKeys(namespace: string): RedisKeys {
  const config = (name: string): string => `${namespace}:{config}:${name}`
  return {
    meta: config('meta'),
    history: config('history'),
    changes: config('changes'),
    accounts: config('accounts'),
    accountNames: config('account-names'),
    accountStates: config('account-states'),
    relayKeys: config('relay-keys'),
    relayKeyNames: config('relay-key-names'),
    relayKeyDigests: config('relay-key-digests'),
    foreignSuffixes: config('foreign-suffixes'),
    adminUsers: config('admin-users'),
    adminNames: config('admin-names'),
    sessions: config('sessions'),
    sessionIds: config('session-ids'),
    apiTokens: config('api-tokens'),
    apiTokenNames: config('api-token-names'),
    audit: {
      number: `${namespace}:{audit}:number`,
      entries: `${namespace}:{audit}:entries`,
      times: `${namespace}:{audit}:times`,
    },
    settings: config('settings'),
    loginTimes: config('login-times'),
    loginFailures: config('login-failures'),
    lastUses: `${namespace}:{usage}:last-uses`,
    usageDays: `${namespace}:{usage}:days`,
    place: (kind, name) => `${namespace}:place:${kind}:${name}`,
    notice: (name) => `${namespace}:{notices}:${name}`,
    usageSince: `${namespace}:{usage}:since`,
    usageHistory: `${namespace}:{usage}:history`,
    running: `${namespace}:{usage}:running`,
    nodes: `${namespace}:{usage}:nodes`,
    sumsOf: (level) => ({
      starts: `${namespace}:{usage}:sums:${level}`,
      at: (startsAt) => `${namespace}:{usage}:sums:${level}:${startsAt}`,
    }),
    usageNumber: `${namespace}:{usage}:number`,
    usageOf: (day) => usageKeys(`${namespace}:{usage}:${day}`),
    budgetHolders: config('budget-holders'),
    limitsOf: (subject) => ({
      slots: `${namespace}:{limits}:slots:${subject}`,
      reserved: `${namespace}:{limits}:reserved:${subject}`,
      counters: `${namespace}:{limits}:counters:${subject}`,
    }),
    settled: (admissionId) => `${namespace}:{limits}:settled:${admissionId}`,
    rejectionHours: `${namespace}:{usage}:rejections`,
    rejectionsOf: (hour) => `${namespace}:{usage}:rejections:${hour}`,
    leases: (resource) => `${namespace}:{limits}:leases:${resource}`,
    quota: (accountId) => `${namespace}:{limits}:quota:${accountId}`,
    responsesOf: (keyId) => responseKeys(`${namespace}:{responses:${keyId}}`),
    responseKeepers: config('response-keepers'),
    captures: captureKeys(`${namespace}:{captures}`),
  }
}

function usageKeys(prefix: string): UsageKeys {
  return {
    records: `${prefix}:records`,
    all: `${prefix}:all`,
    ofRelayKey: (keyId) => `${prefix}:of-relay-key:${keyId}`,
    ofAccount: (accountId) => `${prefix}:of-account:${accountId}`,
  }
}

function captureKeys(prefix: string): CaptureKeys {
  return {
    capturing: `${prefix}:capturing`,
    entries: `${prefix}:entries`,
    bodies: `${prefix}:bodies`,
    order: `${prefix}:order`,
    ends: `${prefix}:ends`,
  }
}

function responseKeys(prefix: string): ResponseKeys {
  return {
    facts: `${prefix}:facts`,
    bodies: `${prefix}:bodies`,
    order: `${prefix}:order`,
    ends: `${prefix}:ends`,
    items: `${prefix}:items`,
  }
}
