import type { UsageFilter } from '../usage-record.ts'
import type { Parameters } from './connection.ts'

/** A filter as SQL on `usage_records`. */
export interface Condition {
  /** Empty, or `WHERE …` with a space in front. */
  readonly where: string
  readonly parameters: Parameters
}

const FAILED = `reason NOT IN ('completed', 'client_closed')`

/** What each field of a filter asks of a row. Yes and no are written out, so that partial indexes can be used. */
const CONDITIONS: Readonly<Record<keyof UsageFilter, (filter: UsageFilter) => string>> = {
  keyId: () => 'key_id = :keyId',
  owner: () => 'owner = :owner',
  team: () => 'team = :team',
  accountId: () => 'account_id = :accountId',
  model: () => '(model_asked = :model OR model_served = :model)',
  status: () => 'status = :status',
  reason: () => 'reason = :reason',
  usageSource: () => 'usage_source = :usageSource',
  costSource: () => 'cost_source = :costSource',
  endpoint: () => 'endpoint = :endpoint',
  clientFormat: () => 'client_format = :clientFormat',
  upstreamFormat: () => 'upstream_format = :upstreamFormat',
  isStream: () => 'is_stream = :isStream',
  isDemo: () => 'is_demo = :isDemo',
  isFailed: ({ isFailed }) => (isFailed === true ? FAILED : `NOT (${FAILED})`),
  hasLosses: ({ hasLosses }) => (hasLosses === true ? 'has_losses = 1' : 'has_losses = 0'),
  lossCode: () => `EXISTS (SELECT 1 FROM json_each(losses) WHERE json_extract(value, '$.code') = :lossCode)`,
  sessionId: () => 'session_id = :sessionId',
  tag: () => `EXISTS (SELECT 1 FROM json_each(tags) WHERE key = :tagName AND (:tagValue IS NULL OR value = :tagValue))`,
  from: () => 'started_at >= :from',
  before: () => 'started_at < :before',
}

/** Those whose meaning is written out in the condition. */
const WITHOUT_PARAMETER: ReadonlySet<string> = new Set(['isFailed', 'hasLosses', 'tag'])

/** @param more - further conditions that have to hold */
export function toCondition(filter: UsageFilter, more: readonly string[] = []): Condition {
  const names = Object.keys(CONDITIONS)
    .map((name) => name as keyof UsageFilter) // the keys of a record that is keyed by exactly these
    .filter((name) => filter[name] !== undefined)
  const all = [...names.map((name) => CONDITIONS[name](filter)), ...more]
  const given = names.filter((name) => !WITHOUT_PARAMETER.has(name)).map((name) => [name, filter[name]] as const)
  return {
    where: all.length === 0 ? '' : ` WHERE ${all.join(' AND ')}`,
    parameters: { ...Object.fromEntries(given), ...tagOf(filter) },
  }
}

function tagOf({ tag }: UsageFilter): Parameters {
  if (tag === undefined) return {}
  const end = tag.indexOf('=')
  return end === -1
    ? { tagName: tag, tagValue: undefined }
    : { tagName: tag.slice(0, end), tagValue: tag.slice(end + 1) }
}
