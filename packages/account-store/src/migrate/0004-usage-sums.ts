/** What a row of sums adds up, in the order of its columns: each is a column of `usage_sums` and an expression on a record. */
const SUMMED: readonly (readonly [column: string, ofRecord: string])[] = [
  ['requests', '1'],
  ['failed', `NEW.reason NOT IN ('completed', 'client_closed')`],
  ['with_losses', 'NEW.has_losses'],
  ['input_tokens', 'coalesce(NEW.input_tokens, 0)'],
  ['cache_read_tokens', 'coalesce(NEW.cache_read_tokens, 0)'],
  ['cache_write_5m_tokens', 'coalesce(NEW.cache_write_5m_tokens, 0)'],
  ['cache_write_1h_tokens', 'coalesce(NEW.cache_write_1h_tokens, 0)'],
  ['cache_write_other_tokens', 'coalesce(NEW.cache_write_other_tokens, 0)'],
  ['output_tokens', 'coalesce(NEW.output_tokens, 0)'],
  ['reasoning_tokens', 'coalesce(NEW.reasoning_tokens, 0)'],
  ['cost_micro_usd', 'coalesce(NEW.cost_micro_usd, 0)'],
  ['without_usage', `NEW.usage_source = 'missing'`],
  ['without_cost', 'NEW.cost_micro_usd IS NULL'],
]

/** What sums are kept by; the empty text stands for "none". */
const KEPT_BY: readonly (readonly [column: string, ofRecord: string])[] = [
  ['key_id', 'NEW.key_id'],
  ['owner', 'NEW.owner'],
  ['team', `coalesce(NEW.team, '')`],
  ['account_id', `coalesce(NEW.account_id, '')`],
  ['model_asked', `coalesce(NEW.model_asked, '')`],
  ['model_served', `coalesce(NEW.model_served, '')`],
]

/** Grain 0 = hour, 1 = day, 2 = month, all in UTC; when the span of a record starts. */
const GRAINS: readonly string[] = [
  'NEW.started_at - NEW.started_at % 3600000',
  'NEW.started_at - NEW.started_at % 86400000',
  `coalesce(unixepoch(NEW.started_at / 1000, 'unixepoch', 'start of month') * 1000, 0)`,
]

const names = (columns: readonly (readonly [string, string])[]): string => columns.map(([name]) => name).join(', ')
const values = (columns: readonly (readonly [string, string])[]): string => columns.map(([, value]) => value).join(', ')

const sumsOfOldRecords = (start: string, grain: number): string => `
INSERT INTO usage_sums (grain, starts_at, ${names(KEPT_BY)}, key_name, account_name, ${names(SUMMED)})
SELECT ${grain}, ${start}, ${values(KEPT_BY)}, max(NEW.key_name), max(coalesce(NEW.account_name, '')),
  ${SUMMED.map(([, value]) => `sum(${value})`).join(', ')}
FROM usage_records AS NEW
GROUP BY ${start}, ${values(KEPT_BY)};
`

/**
 * Schema version 4: what a request cost and why, sums by hour, day and month, and requests that are running.
 *
 * The sums are written in the transaction of the records; what was recorded before is added up here.
 */
export const USAGE_SUMS_SCHEMA: string = `
ALTER TABLE usage_records ADD COLUMN model_sent TEXT;
ALTER TABLE usage_records ADD COLUMN extras TEXT NOT NULL DEFAULT '{}';
ALTER TABLE usage_records ADD COLUMN cost_source TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE usage_records ADD COLUMN service_tier TEXT;
ALTER TABLE usage_records ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
ALTER TABLE usage_records ADD COLUMN upstream_request_id TEXT;
ALTER TABLE usage_records ADD COLUMN has_losses INTEGER NOT NULL DEFAULT 0;

UPDATE usage_records SET cost_source = 'reported' WHERE cost_micro_usd IS NOT NULL;
UPDATE usage_records SET has_losses = 1 WHERE losses <> '[]' AND EXISTS (
  SELECT 1 FROM json_each(losses)
  WHERE json_extract(value, '$.level') IN ('degraded', 'lossy') AND json_extract(value, '$.isAccepted') IS NULL);

CREATE INDEX usage_records_by_owner ON usage_records (owner, started_at, id);
CREATE INDEX usage_records_by_session ON usage_records (session_id, started_at, id) WHERE session_id IS NOT NULL;
CREATE INDEX usage_records_failed ON usage_records (started_at, id) WHERE reason NOT IN ('completed', 'client_closed');
CREATE INDEX usage_records_with_losses ON usage_records (started_at, id) WHERE has_losses = 1;

CREATE TABLE usage_sums (
  grain INTEGER NOT NULL,
  starts_at INTEGER NOT NULL,
  ${KEPT_BY.map(([name]) => `${name} TEXT NOT NULL,`).join('\n  ')}
  key_name TEXT NOT NULL,
  account_name TEXT NOT NULL,
  ${SUMMED.map(([name]) => `${name} INTEGER NOT NULL,`).join('\n  ')}
  PRIMARY KEY (grain, starts_at, ${names(KEPT_BY)})
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_sums_by_key ON usage_sums (key_id, grain, starts_at);

CREATE TABLE running_requests (
  request_id TEXT PRIMARY KEY,
  node TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE nodes (
  id TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  process_started_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_history (
  id TEXT PRIMARY KEY,
  added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

${GRAINS.map(sumsOfOldRecords).join('')}`
