/** What a request that is with an account may still cost of its daily quota. */
export const RESERVED_QUOTA = `
ALTER TABLE leases ADD COLUMN reserved_micro_usd INTEGER NOT NULL DEFAULT 0;
`
