import type { AccountStore, UsageFilter, UsageReason } from '@relay/account-store'
import type { ArgsDef } from 'citty'

import { usageError } from './usage-error.ts'
import { requireAccount, requireRelayKey } from './views.ts'

const REASONS = [
  'completed',
  'client_closed',
  'upstream_error',
  'upstream_timeout',
  'rejected',
  'shutdown',
  'internal_error',
] as const satisfies readonly UsageReason[]

/** Options by which records are chosen; those that are given must all hold. */
export const filterArguments = {
  from: {
    type: 'string',
    valueHint: 'time',
    description: 'From this time on: 2026-11-28 (in UTC), 2026-11-28T10:00Z, or 7d for seven days ago',
  },
  to: { type: 'string', valueHint: 'time', description: 'Before this time' },
  key: { type: 'string', valueHint: 'name', description: 'Of this relay key' },
  owner: { type: 'string', valueHint: 'name', description: 'Of the keys of this owner' },
  team: { type: 'string', valueHint: 'name', description: 'Of the keys of this team' },
  account: { type: 'string', valueHint: 'name', description: 'Served by this account' },
  model: { type: 'string', valueHint: 'name', description: 'Model asked for or served' },
  endpoint: { type: 'string', valueHint: 'path', description: 'What was called, such as /v1/embeddings' },
  status: { type: 'string', valueHint: 'number', description: 'HTTP status' },
  reason: { type: 'enum', options: [...REASONS], description: 'How it ended' },
  session: { type: 'string', valueHint: 'id', description: 'Of this session' },
  tag: { type: 'string', valueHint: 'name[=value]', description: 'With this tag, or with any value of it' },
  failed: { type: 'boolean', default: false, description: 'Only what failed' },
  lossy: { type: 'boolean', default: false, description: 'Only what lost meaning' },
} as const satisfies ArgsDef

/** What {@link filterArguments} become. */
export interface FilterArguments {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly key?: string | undefined
  readonly owner?: string | undefined
  readonly team?: string | undefined
  readonly account?: string | undefined
  readonly model?: string | undefined
  readonly endpoint?: string | undefined
  readonly status?: string | undefined
  readonly reason?: UsageReason | undefined
  readonly session?: string | undefined
  readonly tag?: string | undefined
  readonly failed: boolean
  readonly lossy: boolean
}

/** Reads the filter; names of keys and accounts become ids. */
export async function readFilter(store: AccountStore, args: FilterArguments): Promise<UsageFilter> {
  return {
    ...readSpan(args),
    keyId: args.key === undefined ? undefined : (await requireRelayKey(store, args.key)).id,
    accountId: args.account === undefined ? undefined : (await requireAccount(store, args.account)).id,
    owner: args.owner,
    team: args.team,
    model: args.model,
    endpoint: args.endpoint,
    status: readStatus(args.status),
    reason: args.reason,
    sessionId: args.session,
    tag: args.tag,
    isFailed: args.failed || undefined,
    hasLosses: args.lossy || undefined,
  }
}

/** A span without a moment in it would find nothing, as if nothing had happened. */
function readSpan(args: FilterArguments): Pick<UsageFilter, 'from' | 'before'> {
  const from = readTime('from', args.from)
  const before = readTime('to', args.to)
  if (from !== undefined && before !== undefined && from >= before)
    throw usageError('--from must be earlier than --to, which is the first moment that is left out')
  return { from, before }
}

/** Reads a time: a date (its start in UTC), a date with a time, or so many days, hours or minutes ago. */
export function readTime(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, count, unit] = /^(\d{1,5})([dhm])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) return Date.now() - Number(count) * (UNITS[unit] ?? 0)
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(at)) return at
  throw usageError(
    `--${name} must be a time such as 2026-11-28, 2026-11-28T10:00Z or 7d, not ${JSON.stringify(text.slice(0, 40))}`,
  )
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000 }

function readStatus(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-5]\d\d$/.test(text)) return Number(text)
  throw usageError(`--status must be an HTTP status such as 429, not ${JSON.stringify(text.slice(0, 40))}`)
}
