/** Roles of admins, tokens of the admin API, and the log of what they did. */
export const ADMIN_RIGHTS = `
ALTER TABLE admin_users ADD COLUMN role TEXT NOT NULL DEFAULT 'admin';
ALTER TABLE admin_users ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;

CREATE TABLE api_tokens (
  digest BLOB PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES admin_users (id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  secret_last_four TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_log (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  actor_token TEXT,
  action TEXT NOT NULL,
  object_kind TEXT,
  object_id TEXT,
  object_name TEXT,
  address TEXT,
  before TEXT,
  after TEXT
) STRICT;
CREATE INDEX audit_log_by_time ON audit_log (at);
CREATE INDEX audit_log_by_object ON audit_log (object_id, number);
`
