/** Where something that goes on is served, so that the other nodes send it there, too. Names are digests. */
export const PLACES = `
CREATE TABLE places (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  key_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX places_by_end ON places (ends_at);
CREATE INDEX places_of_kind ON places (kind, ends_at);
`
