/**
 * What a usage record is sorted into lies in the four hours of the record, so that the records of a moment share pages, however
 * many keys and records there are: an index by key has a page of its own for each. Older code goes on without those indexes
 * and reads more.
 *
 * Sums of days and months are made of those of hours when they are over. A mark says until when they are complete: up to
 * there they are written with each record. Older code reads and writes them so; for a week after the upgrade, and the month
 * that has begun by then, nodes of both versions agree on every sum. In a new data set there is no older code. What older code writes later is replaced by what the hours say.
 */
export const USAGE_BY_SHIFT = `
DROP INDEX usage_records_by_key;
DROP INDEX usage_records_by_account;
DROP INDEX usage_records_by_owner;
DROP INDEX usage_records_by_session;
CREATE INDEX usage_records_by_shift_and_key ON usage_records (started_at / 14400000, key_id, started_at, id);
CREATE INDEX usage_records_by_shift_and_account ON usage_records (started_at / 14400000, account_id, started_at, id);
CREATE INDEX usage_records_by_shift_and_owner ON usage_records (started_at / 14400000, owner, started_at, id);
CREATE INDEX usage_records_by_shift_and_session ON usage_records (started_at / 14400000, session_id, started_at, id)
  WHERE session_id IS NOT NULL;

INSERT INTO meta (name, value)
SELECT 'usage-days-until', unixepoch('now', 'start of day', '+8 days') || '000:' WHERE EXISTS (SELECT 1 FROM meta);
INSERT INTO meta (name, value)
SELECT 'usage-months-until', unixepoch('now', '+8 days', 'start of month', '+1 month') || '000:'
WHERE EXISTS (SELECT 1 FROM meta);
`
