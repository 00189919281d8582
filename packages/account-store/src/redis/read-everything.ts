import { calendarPeriod } from '../limits/calendar.ts'
import { accountSubject, QUOTA_BOUND } from '../limits/subjects.ts'
import { credentialContext, proxyContext, readSettings } from '../rows/account-rows.ts'
import { foreignSuffixContext, readKeySettings } from '../rows/relay-key-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { COUNT_COLUMNS, KEPT_BY } from '../rows/usage-counts.ts'
import { SEALED_SETTING_PREFIX, settingContext } from '../sealed-settings.ts'
import type { TransferOptions } from '../store/transfer-room.ts'
import type { TransferRow, TransferTable } from '../transfer.ts'
import { stateField } from './account-documents.ts'
import type { RedisContext } from './context.ts'
import { PEPPER_CONTEXT } from './meta.ts'
import { daysBetween } from './read-usage.ts'
import { secretsOf } from './relay-key-secrets.ts'
import { toNumber, toPairs, toRow, toText, toTexts } from './reply.ts'
import { toSumRow } from './usage-sum-row.ts'
import { KEPT_LEVELS } from './write-usage.ts'

type Rows = AsyncGenerator<TransferRow, void, undefined>

/** Records that are read in one go. */
const CHUNK = 500

/** Reads everything that lasts, by the columns of the embedded store, with its secrets in the clear. */
export async function* readEverything(context: RedisContext, { withUsage }: TransferOptions): Rows {
  yield* readPepper(context)
  yield* readSettingRows(context)
  yield* readRows(context, 'admin_users', context.keys.adminUsers)
  yield* readAccountRows(context)
  yield* readKeyRows(context)
  yield* readHolderRows(context)
  if (!withUsage) return
  yield* readCounterRows(context)
  yield* readAuditRows(context)
  yield* readRecordRows(context)
  yield* readSumRows(context)
}

/** From Redis, not from memory: after a load it is another one. */
async function* readPepper({ link, keys, box }: RedisContext): Rows {
  const sealed = toText((await link.send(['HGET', keys.meta, 'pepper']))[0])
  const value = sealed === undefined ? undefined : box.open(sealed, PEPPER_CONTEXT)
  if (value !== undefined) yield { table: 'pepper', row: { value } }
}

async function pairsOf({ link }: RedisContext, hash: string): Promise<readonly (readonly [string, string])[]> {
  const [pairs] = await link.send(['HGETALL', hash])
  return toPairs(pairs).toSorted(([left], [right]) => (left < right ? -1 : 1))
}

async function* readRows(context: RedisContext, table: TransferTable, hash: string): Rows {
  for (const [, text] of await pairsOf(context, hash)) yield { table, row: plain(toRow(text)) }
}

async function* readSettingRows(context: RedisContext): Rows {
  const { box, keys } = context
  for (const [name, text] of await pairsOf(context, keys.settings)) {
    const isSealed = name.startsWith(SEALED_SETTING_PREFIX)
    const value = isSealed ? box.open(text, settingContext(name.slice(SEALED_SETTING_PREFIX.length))) : text
    yield { table: 'settings', row: { name, value: value ?? null } }
  }
}

async function* readAccountRows(context: RedisContext): Rows {
  const { box, keys, link } = context
  for (const [id, text] of await pairsOf(context, keys.accounts)) {
    const parts = ['last_success_at', 'last_error', 'attention'] as const
    const [states] = await link.send(['HMGET', keys.accountStates, ...parts.map((part) => stateField(id, part))])
    const [lastSuccessAt, lastError, attention] = toTexts(states)
    const row = toRow(text)
    const open = (column: string, sealedFor: string): string | null => {
      const sealed = row[column]
      return typeof sealed === 'string' ? (box.open(sealed, sealedFor) ?? null) : null
    }
    yield {
      table: 'accounts',
      row: {
        ...plain(row),
        credential: open('credential', credentialContext(id)),
        proxy_password: open('proxy_password', proxyContext(id)),
        last_success_at: lastSuccessAt === undefined ? null : Number(lastSuccessAt),
        last_error: lastError ?? null,
        attention: attention ?? null,
        revision: 1, // the embedded store counts changes; what is carried is the first of them
      },
    }
  }
}

async function* readKeyRows(context: RedisContext): Rows {
  const { keys, box } = context
  const uses = new Map(await pairsOf(context, keys.lastUses))
  const rows = (await pairsOf(context, keys.relayKeys)).map(([, text]) => toRow(text))
  for (const row of rows) {
    const { secrets: _, old_secret_ends_at: __, ...columns } = plain(row)
    const lastUse = uses.get(readText(row, 'id'))
    yield { table: 'relay_keys', row: lastUse === undefined ? columns : { ...columns, last_used_at: Number(lastUse) } }
  }
  for (const [id, sealed] of await pairsOf(context, keys.foreignSuffixes)) {
    const suffix = box.open(sealed, foreignSuffixContext(Number(id))) ?? null
    yield { table: 'foreign_suffixes', row: { id: Number(id), sealed: suffix } }
  }
  for (const row of rows) {
    for (const { digest, endsAt, foreignSuffix } of secretsOf(row)) {
      const secret = { digest, key_id: readText(row, 'id'), created_at: Number(row['created_at'] ?? 0) }
      yield { table: 'relay_key_secrets', row: { ...secret, ends_at: endsAt, foreign_suffix: foreignSuffix } }
    }
  }
}

async function* readHolderRows(context: RedisContext): Rows {
  for (const [place, text] of await pairsOf(context, context.keys.budgetHolders)) {
    const colon = place.indexOf(':')
    const named = { kind: place.slice(0, colon), name: place.slice(colon + 1) }
    yield { table: 'budget_holders', row: { ...named, ...plain(toRow(text)) } }
  }
}

/** Counters of those who exist: of all keys, and of all owners and teams that one of them names. */
async function* readCounterRows(context: RedisContext): Rows {
  const { keys, link, now } = context
  const settings = (await pairsOf(context, keys.relayKeys)).map(([id, text]) => ({
    id,
    ...readKeySettings(toRow(text)),
  }))
  const subjects = new Set(
    settings.flatMap(({ id, owner, team }) => [
      `key:${id}`,
      `owner:${owner}`,
      ...(team === undefined ? [] : [`team:${team}`]),
    ]),
  )
  for (const subject of subjects) {
    for (const [field, text] of await pairsOf(context, keys.limitsOf(subject).counters)) {
      const space = field.indexOf(' ')
      const [startedAt = 0, used = 0] = text.split(' ').map(Number)
      const counter = { bound: field.slice(0, space), period: field.slice(space + 1), started_at: startedAt, used }
      yield { table: 'limit_counters', row: { subject, ...counter } }
    }
  }
  for (const [id, text] of await pairsOf(context, keys.accounts)) {
    const { dailyQuota } = readSettings(toRow(text))
    const spent = toText((await link.send(['HGET', keys.accountStates, stateField(id, 'quota')]))[0])
    if (dailyQuota === undefined || spent === undefined) continue
    const { startsAt } = calendarPeriod({ period: 'day', ...dailyQuota, at: now() })
    const period = spent.slice(0, spent.lastIndexOf(' '))
    const used = Number(spent.slice(spent.lastIndexOf(' ') + 1))
    const row = { subject: accountSubject(id), bound: QUOTA_BOUND, period, started_at: startsAt, used }
    yield { table: 'limit_counters', row }
  }
}

async function* readAuditRows({ link, keys }: RedisContext): Rows {
  const { entries, times } = keys.audit
  const [found] = await link.send(['ZRANGE', times, 0, -1])
  const numbers = toTexts(found)
    .map(toNumber)
    .toSorted((left, right) => left - right)
  for (let start = 0; start < numbers.length; start += CHUNK) {
    const [texts] = await link.send(['HMGET', entries, ...numbers.slice(start, start + CHUNK)])
    for (const text of toTexts(texts)) if (text !== undefined) yield { table: 'audit_log', row: plain(toRow(text)) }
  }
}

/** Oldest first, as they are numbered anew where they are carried to. */
async function* readRecordRows(context: RedisContext): Rows {
  for (const day of (await daysBetween(context, 0, Infinity)).toReversed()) yield* readDayRows(context, day)
}

async function* readDayRows({ link, keys }: RedisContext, day: number): Rows {
  const { records, all } = keys.usageOf(day)
  for (let start = 0; ; start += CHUNK) {
    const [members] = await link.send(['ZRANGE', all, start, start + CHUNK - 1])
    const ids = toTexts(members).map((member = '') => member.slice(member.indexOf(':') + 1))
    if (ids.length === 0) return
    const [texts] = await link.send(['HMGET', records, ...ids])
    for (const text of toTexts(texts)) if (text !== undefined) yield { table: 'usage_records', row: plain(toRow(text)) }
  }
}

async function* readSumRows(context: RedisContext): Rows {
  const { link, keys } = context
  for (const [grain, level] of KEPT_LEVELS.entries()) {
    const { starts, at } = keys.sumsOf(level)
    const [found] = await link.send(['ZRANGE', starts, 0, -1])
    for (const startsAt of toTexts(found).map(toNumber)) {
      for (const [group, text] of await pairsOf(context, at(startsAt))) {
        const { columns, counts } = toSumRow(startsAt, group, text)
        const keptBy = Object.fromEntries(KEPT_BY.map((column) => [column, String(columns[column] ?? '')]))
        const sums = Object.fromEntries(COUNT_COLUMNS.map((column, index) => [column, counts[index] ?? 0]))
        const names = { key_name: String(columns['key_name']), account_name: String(columns['account_name']) }
        yield { table: 'usage_sums', row: { grain, starts_at: startsAt, ...keptBy, ...names, ...sums } }
      }
    }
  }
}

/** Rows in Redis hold texts and numbers only. */
function plain(row: Row): TransferRow['row'] {
  const known = Object.entries(row).flatMap(([name, value]): [string, string | number | null][] =>
    typeof value === 'string' || typeof value === 'number' || value === null ? [[name, value]] : [],
  )
  return Object.fromEntries(known)
}
