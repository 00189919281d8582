/** What was said once and is not said again for a while. */
export const NOTICES = `
CREATE TABLE notices (
  name TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`
