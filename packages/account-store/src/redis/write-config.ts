import { QUOTA_BOUND } from '../limits/subjects.ts'
import { credentialContext, proxyContext } from '../rows/account-rows.ts'
import { foreignSuffixContext } from '../rows/relay-key-rows.ts'
import { SEALED_SETTING_PREFIX, settingContext } from '../sealed-settings.ts'
import type { TransferRow, TransferTable } from '../transfer.ts'
import { stateField } from './account-documents.ts'
import type { RedisContext } from './context.ts'
import type { RedisCommand } from './link.ts'
import { PEPPER_CONTEXT } from './meta.ts'
import type { StoredSecret } from './relay-key-secrets.ts'
import { withSecrets } from './relay-key-secrets.ts'
import { RECORD_AUDIT } from './scripts/audit.ts'

type PlainRow = TransferRow['row']

/** Commands in one go. */
const BATCH = 500

/** Writes what operators decide, in place of what a first start has made. */
export async function writeConfig(context: RedisContext, rows: readonly TransferRow[]): Promise<void> {
  const { link, keys } = context
  const of = (table: TransferTable): readonly PlainRow[] =>
    rows.filter((each) => each.table === table).map(({ row }) => row)
  const config = [
    ...of('settings').flatMap((row) => settingCommands(context, row)),
    ...of('admin_users').flatMap((row) => adminCommands(context, row)),
    ...of('accounts').flatMap((row) => accountCommands(context, row)),
    ...of('foreign_suffixes').map((row) => suffixCommand(context, row)),
    ...keyCommands(context, of('relay_keys'), of('relay_key_secrets')),
    ...of('budget_holders').map((row) => holderCommand(context, row)),
    ...of('limit_counters').flatMap((row) => quotaCommands(context, row)),
  ]
  await link.send(
    ['UNLINK', keys.accounts, keys.accountNames, keys.accountStates, keys.adminUsers, keys.adminNames, keys.settings],
    ['UNLINK', keys.sessions, keys.sessionIds, keys.apiTokens, keys.apiTokenNames],
  )
  await sendAll(context, config)
  await sendAll(
    context,
    of('limit_counters').flatMap((row) => counterCommands(context, row)),
  )
  await sendAll(
    context,
    of('relay_keys').flatMap((row) => lastUseCommands(context, row)),
  )
  await writeAudit(context, of('audit_log'))
  const pepper = of('pepper')[0]?.['value']
  const sealed = context.box.seal(String(pepper), PEPPER_CONTEXT)
  await link.send(
    ...(pepper === undefined ? [] : [['HSET', keys.meta, 'pepper', sealed] as const]),
    ['HINCRBY', keys.meta, 'config-guard', 1],
    ['HINCRBY', keys.meta, 'revision', 1],
    // Whoever knows an earlier revision finds no token of it any more, and reads everything.
    ['UNLINK', keys.history],
  )
}

async function sendAll({ link }: RedisContext, commands: readonly RedisCommand[]): Promise<void> {
  for (let start = 0; start < commands.length; start += BATCH) await link.send(...commands.slice(start, start + BATCH))
}

function settingCommands({ keys, box }: RedisContext, { name, value }: PlainRow): readonly RedisCommand[] {
  if (value === null || value === undefined) return []
  const field = String(name)
  const isSealed = field.startsWith(SEALED_SETTING_PREFIX)
  const text = isSealed ? box.seal(String(value), settingContext(field.slice(SEALED_SETTING_PREFIX.length))) : value
  return [['HSET', keys.settings, field, text]]
}

function adminCommands({ keys }: RedisContext, row: PlainRow): readonly RedisCommand[] {
  const id = String(row['id'])
  return [
    ['HSET', keys.adminUsers, id, JSON.stringify(row)],
    ['HSET', keys.adminNames, String(row['name']).toLowerCase(), id],
  ]
}

function accountCommands({ keys, box }: RedisContext, columns: PlainRow): readonly RedisCommand[] {
  const { last_success_at: success, last_error: error, attention, revision: _, ...row } = columns
  const id = String(row['id'])
  const seal = (value: unknown, context: string): string | null =>
    typeof value === 'string' ? box.seal(value, context) : null
  const stored = {
    ...row,
    credential: seal(row['credential'], credentialContext(id)),
    proxy_password: seal(row['proxy_password'], proxyContext(id)),
  }
  const states = { last_success_at: success, last_error: error, attention } as const
  return [
    ['HSET', keys.accounts, id, JSON.stringify(stored)],
    ['HSET', keys.accountNames, String(row['name']), id],
    ...(['last_success_at', 'last_error', 'attention'] as const).flatMap((part): RedisCommand[] => {
      const value = states[part] ?? null
      return value === null ? [] : [['HSET', keys.accountStates, stateField(id, part), value]]
    }),
  ]
}

function suffixCommand({ keys, box }: RedisContext, { id, sealed }: PlainRow): RedisCommand {
  return ['HSET', keys.foreignSuffixes, String(id), box.seal(String(sealed), foreignSuffixContext(Number(id)))]
}

function keyCommands(
  { keys }: RedisContext,
  relayKeys: readonly PlainRow[],
  secrets: readonly PlainRow[],
): readonly RedisCommand[] {
  const byKey = Map.groupBy(secrets, (row) => String(row['key_id']))
  const rows = relayKeys.flatMap((row): RedisCommand[] => {
    const id = String(row['id'])
    const own = (byKey.get(id) ?? []).map(toStoredSecret)
    const isLive = (row['revoked_at'] ?? null) === null
    return [
      ['HSET', keys.relayKeys, id, JSON.stringify(withSecrets({ ...row }, own))],
      ...(isLive ? [['HSET', keys.relayKeyNames, String(row['name']), id] as const] : []),
    ]
  })
  const digests = secrets.map((row): RedisCommand => {
    return ['HSET', keys.relayKeyDigests, String(row['digest']), String(row['key_id'])]
  })
  return [...rows, ...digests]
}

function toStoredSecret(row: PlainRow): StoredSecret {
  const number = (name: string): number | null => (typeof row[name] === 'number' ? row[name] : null)
  return { digest: String(row['digest']), endsAt: number('ends_at'), foreignSuffix: number('foreign_suffix') }
}

function holderCommand({ keys }: RedisContext, { kind, name, ...row }: PlainRow): RedisCommand {
  return ['HSET', keys.budgetHolders, `${String(kind)}:${String(name)}`, JSON.stringify(row)]
}

function counterCommands({ keys }: RedisContext, row: PlainRow): readonly RedisCommand[] {
  const subject = String(row['subject'])
  if (subject.startsWith('account:')) return []
  const field = `${String(row['bound'])} ${String(row['period'] ?? '')}`
  return [['HSET', keys.limitsOf(subject).counters, field, `${Number(row['started_at'])} ${Number(row['used'])}`]]
}

function lastUseCommands({ keys }: RedisContext, row: PlainRow): readonly RedisCommand[] {
  const at = row['last_used_at'] ?? null
  return at === null ? [] : [['HSET', keys.lastUses, String(row['id']), at]]
}

async function writeAudit({ link, keys }: RedisContext, rows: readonly PlainRow[]): Promise<void> {
  const { number, entries, times } = keys.audit
  await link.send(['UNLINK', number, entries, times])
  for (const row of rows) {
    await link.run(RECORD_AUDIT, { keys: [number, entries, times], args: [JSON.stringify(row), Number(row['at'])] })
  }
}

/** The counter of an account's quota lies with its state. */
function quotaCommands({ keys }: RedisContext, row: PlainRow): readonly RedisCommand[] {
  if (row['bound'] !== QUOTA_BOUND) return []
  const id = String(row['subject']).replace(/^account:/, '')
  return [['HSET', keys.accountStates, stateField(id, 'quota'), `${row['period'] ?? ''} ${row['used'] ?? 0}`]]
}
