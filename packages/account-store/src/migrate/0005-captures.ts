/** Captures of requests, and for which keys they are being made. */
export const CAPTURES = `
CREATE TABLE capturing (
  key_id TEXT PRIMARY KEY REFERENCES relay_keys (id) ON DELETE CASCADE,
  started_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  started_by TEXT NOT NULL,
  remaining INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE captures (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id TEXT NOT NULL UNIQUE,
  key_id TEXT NOT NULL REFERENCES relay_keys (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX captures_by_key ON captures (key_id, created_at);
CREATE INDEX captures_by_expiry ON captures (expires_at);
`
