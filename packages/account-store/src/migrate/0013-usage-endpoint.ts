/** What was called; of earlier records nobody knows. */
export const USAGE_ENDPOINT = 'ALTER TABLE usage_records ADD COLUMN endpoint TEXT;'
