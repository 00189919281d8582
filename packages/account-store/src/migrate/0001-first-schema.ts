/**
 * Schema version 1.
 *
 * What an operator decides about an account or key is one JSON text (`settings`): a field that a newer version adds
 * needs no migration, and an older version that writes the object keeps the fields it does not know.
 * Times are milliseconds since the epoch. `revision` says when a row changed last, in steps of the counter of its kind.
 */
export const FIRST_SCHEMA = `
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  managed_by TEXT NOT NULL,
  settings TEXT NOT NULL,
  credential TEXT,
  credential_last_four TEXT,
  last_success_at INTEGER,
  last_error TEXT,
  attention TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT;
CREATE INDEX accounts_by_revision ON accounts (revision);

CREATE TABLE cooldowns (
  account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  cause TEXT NOT NULL,
  strikes INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE relay_keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  managed_by TEXT NOT NULL,
  settings TEXT NOT NULL,
  secret_last_four TEXT NOT NULL,
  revoked_at INTEGER,
  last_used_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX relay_keys_by_name ON relay_keys (name) WHERE revoked_at IS NULL;

CREATE TABLE relay_key_secrets (
  digest BLOB PRIMARY KEY,
  key_id TEXT NOT NULL REFERENCES relay_keys (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX relay_key_secrets_by_key ON relay_key_secrets (key_id);

CREATE TABLE admin_users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  password_hash TEXT NOT NULL,
  must_change_password INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  password_changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  digest BLOB PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES admin_users (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  idle_ms INTEGER NOT NULL,
  address TEXT,
  user_agent TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE login_attempts (
  subject BLOB PRIMARY KEY,
  failures INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_attempts_by_time ON login_attempts (last_at);

CREATE TABLE leases (
  id TEXT PRIMARY KEY,
  resource TEXT NOT NULL,
  owner TEXT NOT NULL,
  taken_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX leases_by_resource ON leases (resource, expires_at);

CREATE TABLE responses (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  key_id TEXT NOT NULL REFERENCES relay_keys (id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (key_id, id)
) STRICT;
CREATE INDEX responses_by_expiry ON responses (expires_at);

CREATE TABLE response_items (
  key_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  response INTEGER NOT NULL REFERENCES responses (number) ON DELETE CASCADE,
  PRIMARY KEY (key_id, item_id, response)
) STRICT, WITHOUT ROWID;
CREATE INDEX response_items_by_response ON response_items (response);

CREATE TABLE usage_records (
  id INTEGER PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  started_at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  key_name TEXT NOT NULL,
  owner TEXT NOT NULL,
  team TEXT,
  account_id TEXT,
  account_name TEXT,
  model_asked TEXT,
  model_served TEXT,
  client_format TEXT NOT NULL,
  upstream_format TEXT,
  is_stream INTEGER NOT NULL,
  input_tokens INTEGER,
  cache_read_tokens INTEGER,
  cache_write_5m_tokens INTEGER,
  cache_write_1h_tokens INTEGER,
  cache_write_other_tokens INTEGER,
  output_tokens INTEGER,
  reasoning_tokens INTEGER,
  usage_source TEXT NOT NULL,
  cost_micro_usd INTEGER,
  status INTEGER NOT NULL,
  reason TEXT NOT NULL,
  attempts TEXT NOT NULL,
  first_token_ms INTEGER,
  duration_ms INTEGER NOT NULL,
  losses TEXT NOT NULL,
  session_id TEXT,
  client TEXT,
  error_message TEXT,
  is_demo INTEGER NOT NULL
) STRICT;
CREATE INDEX usage_records_by_time ON usage_records (started_at, id);
CREATE INDEX usage_records_by_key ON usage_records (key_id, started_at, id);
CREATE INDEX usage_records_by_account ON usage_records (account_id, started_at, id);
`
