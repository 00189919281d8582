/** What sums are kept by, on a record; the empty text stands for "none". */
const KEPT_BY: readonly (readonly [column: string, ofRecord: string])[] = [
  ['key_id', 'key_id'],
  ['owner', 'owner'],
  ['team', `coalesce(team, '')`],
  ['account_id', `coalesce(account_id, '')`],
  ['model_asked', `coalesce(model_asked, '')`],
  ['model_served', `coalesce(model_served, '')`],
]

/** Of days and months, by grain: when the span of an hour starts. */
const LONGER_SPANS: readonly string[] = [
  'starts_at - starts_at % 86400000',
  `coalesce(unixepoch(starts_at / 1000, 'unixepoch', 'start of month') * 1000, 0)`,
]

const columns = KEPT_BY.map(([column]) => column)
const kept = columns.join(', ')

function ofLongerSpans(start: string, grain: number): string {
  return `
INSERT INTO estimated_sums
SELECT ${grain}, ${start} AS start, ${kept}, sum(estimated) FROM estimated_sums WHERE grain = 0 GROUP BY start, ${kept};
`
}

/**
 * How many requests of a sum have counts that were estimated. What was recorded before is counted as far as it is kept: in a
 * table that is sorted like the sums, without which each sum is compared with all hours of what it is kept by.
 */
export const ESTIMATED_SUMS: string = `
ALTER TABLE usage_sums ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0;
CREATE TEMP TABLE estimated_sums (
  grain INTEGER NOT NULL,
  starts_at INTEGER NOT NULL,
  ${columns.map((column) => `${column} TEXT NOT NULL,`).join('\n  ')}
  estimated INTEGER NOT NULL,
  PRIMARY KEY (grain, starts_at, ${kept})
) STRICT, WITHOUT ROWID;
INSERT INTO estimated_sums
SELECT 0, started_at - started_at % 3600000 AS hour, ${KEPT_BY.map(([column, ofRecord]) => `${ofRecord} AS kept_${column}`).join(', ')}, count(*)
FROM usage_records WHERE usage_source = 'estimated' GROUP BY hour, ${columns.map((column) => `kept_${column}`).join(', ')};
${LONGER_SPANS.map((start, at) => ofLongerSpans(start, at + 1)).join('')}
UPDATE usage_sums SET estimated = found.estimated FROM estimated_sums AS found
WHERE usage_sums.grain = found.grain AND usage_sums.starts_at = found.starts_at
  AND ${columns.map((column) => `usage_sums.${column} = found.${column}`).join(' AND ')};
DROP TABLE estimated_sums;
`
