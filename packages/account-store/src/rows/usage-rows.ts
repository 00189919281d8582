import { hasOpenLosses } from '../usage-facts.ts'
import type {
  CostSource,
  UsageAttempt,
  UsageExtras,
  UsageLoss,
  UsageReason,
  UsageRecord,
  UsageSource,
} from '../usage-record.ts'
import type { WireFormat } from '../wire-format.ts'
import type { Row } from './row.ts'
import { readList, readNumber, readObject, readOptionalNumber, readOptionalText, readText } from './row.ts'

const MAX_MESSAGE_CHARACTERS = 500
const MAX_FACT_CHARACTERS = 300
const MAX_NAME_CHARACTERS = 100
const MAX_TAGS = 20
const MAX_TAG_CHARACTERS = 200

/** A usage record by the names of its columns; what is `undefined` is not known. */
export type UsageRow = Readonly<Record<string, string | number | boolean | undefined>>

/** Columns of its token counts. */
export const TOKEN_COLUMNS = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'cache_write_other_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const

/** Columns of a usage record, without the row's own number, in the order in which their values are bound. */
export const USAGE_COLUMNS: readonly string[] = [
  'request_id',
  'started_at',
  'key_id',
  'key_name',
  'owner',
  'team',
  'account_id',
  'account_name',
  'model_asked',
  'model_served',
  'client_format',
  'upstream_format',
  'is_stream',
  ...TOKEN_COLUMNS,
  'usage_source',
  'cost_micro_usd',
  'status',
  'reason',
  'attempts',
  'first_token_ms',
  'duration_ms',
  'losses',
  'session_id',
  'client',
  'error_message',
  'is_demo',
  'model_sent',
  'extras',
  'cost_source',
  'service_tier',
  'tags',
  'upstream_request_id',
  'has_losses',
  'endpoint',
]

/**
 * A record as it is written. Much of it comes from outside: what is not a whole number from 0 up becomes "not known", and what is
 * not a text does not either stop the batch that the record is in.
 */
export function toUsageRow(record: UsageRecord): UsageRow {
  const { tokens } = record
  const cost = toCostColumns(record)
  // Every member by its name: spread into the middle of so large an object, they would make it a slow one.
  return {
    request_id: text(record.requestId) ?? '',
    started_at: wholeNumber(record.startedAt) ?? 0,
    key_id: text(record.keyId) ?? '',
    key_name: text(record.keyName) ?? '',
    owner: text(record.owner) ?? '',
    team: text(record.team),
    account_id: text(record.accountId),
    account_name: text(record.accountName),
    model_asked: text(record.modelAsked),
    model_served: text(record.modelServed),
    client_format: record.clientFormat,
    upstream_format: record.upstreamFormat,
    is_stream: record.isStream,
    input_tokens: wholeNumber(tokens.inputTokens),
    cache_read_tokens: wholeNumber(tokens.cacheReadTokens),
    cache_write_5m_tokens: wholeNumber(tokens.cacheWrite5mTokens),
    cache_write_1h_tokens: wholeNumber(tokens.cacheWrite1hTokens),
    cache_write_other_tokens: wholeNumber(tokens.cacheWriteOtherTokens),
    output_tokens: wholeNumber(tokens.outputTokens),
    reasoning_tokens: wholeNumber(tokens.reasoningTokens),
    usage_source: record.usageSource,
    status: wholeNumber(record.status) ?? 0,
    reason: record.reason,
    attempts: JSON.stringify(record.attempts),
    first_token_ms: milliseconds(record.firstTokenMs),
    duration_ms: milliseconds(record.durationMs) ?? 0,
    losses: record.losses.length === 0 ? '[]' : JSON.stringify(record.losses),
    session_id: text(record.sessionId),
    client: text(record.client),
    error_message: text(record.errorMessage, MAX_MESSAGE_CHARACTERS),
    is_demo: record.isDemo,
    model_sent: text(record.modelSent),
    extras: toExtras(record.extras),
    cost_micro_usd: cost['cost_micro_usd'],
    cost_source: cost['cost_source'],
    service_tier: text(record.serviceTier, MAX_NAME_CHARACTERS),
    tags: toTags(record.tags),
    upstream_request_id: text(record.upstreamRequestId),
    has_losses: hasOpenLosses(record.losses),
    endpoint: text(record.endpoint, MAX_NAME_CHARACTERS),
  }
}

/** A cost without a source, or the other way round, is no cost that anybody could rely on. */
export function toCostColumns({
  costMicroUsd,
  costSource,
}: Pick<UsageRecord, 'costMicroUsd' | 'costSource'>): UsageRow {
  const cost = costSource === 'unknown' ? undefined : wholeNumber(costMicroUsd)
  return { cost_micro_usd: cost, cost_source: cost === undefined ? 'unknown' : costSource }
}

/** Reads a record; the closed lists were written by this package from these very types. */
export function toUsageRecord(row: Row): UsageRecord {
  return {
    requestId: readText(row, 'request_id'),
    startedAt: readNumber(row, 'started_at'),
    keyId: readText(row, 'key_id'),
    keyName: readText(row, 'key_name'),
    owner: readText(row, 'owner'),
    team: readOptionalText(row, 'team'),
    accountId: readOptionalText(row, 'account_id'),
    accountName: readOptionalText(row, 'account_name'),
    modelAsked: readOptionalText(row, 'model_asked'),
    modelServed: readOptionalText(row, 'model_served'),
    clientFormat: readText(row, 'client_format') as WireFormat,
    upstreamFormat: readOptionalText(row, 'upstream_format') as WireFormat | undefined,
    isStream: readNumber(row, 'is_stream') === 1,
    tokens: readTokens(row),
    usageSource: readText(row, 'usage_source') as UsageSource,
    costMicroUsd: readOptionalNumber(row, 'cost_micro_usd'),
    status: readNumber(row, 'status'),
    reason: readText(row, 'reason') as UsageReason,
    attempts: readList(row, 'attempts') as readonly UsageAttempt[],
    firstTokenMs: readOptionalNumber(row, 'first_token_ms'),
    durationMs: readNumber(row, 'duration_ms'),
    losses: readList(row, 'losses') as readonly UsageLoss[],
    sessionId: readOptionalText(row, 'session_id'),
    client: readOptionalText(row, 'client'),
    errorMessage: readOptionalText(row, 'error_message'),
    isDemo: readNumber(row, 'is_demo') === 1,
    modelSent: readOptionalText(row, 'model_sent'),
    extras: readObject(row, 'extras'),
    costSource: readCostSource(row),
    serviceTier: readOptionalText(row, 'service_tier'),
    tags: readObject(row, 'tags') as Readonly<Record<string, string>>,
    upstreamRequestId: readOptionalText(row, 'upstream_request_id'),
    endpoint: readOptionalText(row, 'endpoint'),
  }
}

/** A process of the version before wrote costs without saying where they come from: it knew reported ones only. */
function readCostSource(row: Row): CostSource {
  const source = readText(row, 'cost_source') as CostSource
  if (readOptionalNumber(row, 'cost_micro_usd') === undefined) return 'unknown'
  return source === 'unknown' ? 'reported' : source
}

/** Most records have nothing of the kind. */
function isEmpty(facts: UsageExtras | Readonly<Record<string, string>>): boolean {
  return Object.values(facts).every((fact) => fact === undefined)
}

function toExtras(extras: UsageExtras): string {
  if (isEmpty(extras)) return '{}'
  const known = Object.entries(extras).filter(([, count]) => wholeNumber(count as number | undefined) !== undefined)
  return JSON.stringify(Object.fromEntries(known))
}

function toTags(tags: Readonly<Record<string, string>>): string {
  if (isEmpty(tags)) return '{}'
  const entries = Object.entries(tags).slice(0, MAX_TAGS)
  const kept = entries.flatMap(([name, value]) => {
    const shown = text(value, MAX_TAG_CHARACTERS)
    return shown === undefined ? [] : [[name.slice(0, MAX_NAME_CHARACTERS), shown]]
  })
  return JSON.stringify(Object.fromEntries(kept))
}

function readTokens(row: Row): UsageRecord['tokens'] {
  return {
    inputTokens: readOptionalNumber(row, 'input_tokens'),
    cacheReadTokens: readOptionalNumber(row, 'cache_read_tokens'),
    cacheWrite5mTokens: readOptionalNumber(row, 'cache_write_5m_tokens'),
    cacheWrite1hTokens: readOptionalNumber(row, 'cache_write_1h_tokens'),
    cacheWriteOtherTokens: readOptionalNumber(row, 'cache_write_other_tokens'),
    outputTokens: readOptionalNumber(row, 'output_tokens'),
    reasoningTokens: readOptionalNumber(row, 'reasoning_tokens'),
  }
}

function text(value: unknown, maxCharacters: number = MAX_FACT_CHARACTERS): string | undefined {
  return typeof value === 'string' ? value.slice(0, maxCharacters) : undefined
}

function wholeNumber(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** A span from a precise clock, rounded. */
function milliseconds(value: number | undefined): number | undefined {
  return value === undefined ? undefined : wholeNumber(Math.round(value))
}
