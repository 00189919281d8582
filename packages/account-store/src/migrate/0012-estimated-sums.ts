/** What sums are kept by, on a record; the empty text stands for "none". */
const KEPT_BY: readonly (readonly [column: string, ofRecord: string])[] = [
  ['key_id', 'key_id'],
  ['owner', 'owner'],
  ['team', `coalesce(team, '')`],
  ['account_id', `coalesce(account_id, '')`],
  ['model_asked', `coalesce(model_asked, '')`],
  ['model_served', `coalesce(model_served, '')`],
]

/** By grain: when the span of an hour starts. */
const STARTS: readonly string[] = [
  'hour',
  'hour - hour % 86400000',
  `coalesce(unixepoch(hour / 1000, 'unixepoch', 'start of month') * 1000, 0)`,
]

const kept = KEPT_BY.map(([column]) => `kept_${column}`).join(', ')

function countOfHours(start: string, grain: number): string {
  return `
UPDATE usage_sums SET estimated = found.estimated
FROM (SELECT ${start} AS start, ${kept}, sum(estimated) AS estimated FROM estimated_hours GROUP BY start, ${kept}) AS found
WHERE grain = ${grain} AND starts_at = start
  AND ${KEPT_BY.map(([column]) => `${column} = kept_${column}`).join(' AND ')};
`
}

/** How many requests of a sum have counts that were estimated. What was recorded before is counted as far as it is kept. */
export const ESTIMATED_SUMS: string = `
ALTER TABLE usage_sums ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0;
CREATE TEMP TABLE estimated_hours AS
SELECT started_at - started_at % 3600000 AS hour, ${KEPT_BY.map(([column, ofRecord]) => `${ofRecord} AS kept_${column}`).join(', ')},
  count(*) AS estimated
FROM usage_records WHERE usage_source = 'estimated' GROUP BY hour, ${kept};
${STARTS.map(countOfHours).join('')}
DROP TABLE estimated_hours;
`
