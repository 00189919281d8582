/**
 * Schema version 3: limits of keys, owners and teams; rotation and import of relay keys; quotas and proxies of accounts.
 *
 * A subject is what a bound belongs to: `key:<id>`, `owner:<name>`, `team:<name>` or `account:<id>`.
 */
export const LIMITS_SCHEMA = `
ALTER TABLE accounts ADD COLUMN proxy_password TEXT;

CREATE TABLE refused_parameters (
  account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  parameter TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (account_id, model, parameter)
) STRICT, WITHOUT ROWID;

ALTER TABLE relay_keys ADD COLUMN first_used_at INTEGER;
ALTER TABLE relay_key_secrets ADD COLUMN ends_at INTEGER;
ALTER TABLE relay_key_secrets ADD COLUMN foreign_suffix INTEGER;

CREATE TABLE foreign_suffixes (
  id INTEGER PRIMARY KEY,
  sealed TEXT NOT NULL
) STRICT;

CREATE TABLE budget_holders (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  managed_by TEXT NOT NULL,
  settings TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE admission_slots (
  subject TEXT NOT NULL,
  admission TEXT NOT NULL,
  process TEXT NOT NULL,
  admitted_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  reserved_tokens INTEGER NOT NULL,
  reserved_micro_usd INTEGER NOT NULL,
  PRIMARY KEY (subject, admission)
) STRICT, WITHOUT ROWID;

CREATE TABLE limit_counters (
  subject TEXT NOT NULL,
  bound TEXT NOT NULL,
  period TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (subject, bound, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejections (
  key_id TEXT NOT NULL,
  hour INTEGER NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (key_id, hour, reason)
) STRICT, WITHOUT ROWID;
`
