import { script } from './script.ts'
import type { Script } from './script.ts'

/** Replaces the field of a hash that nobody has changed meanwhile. */
export const REPLACE_FIELD: Script = script(
  'replace-field',
  `#!lua
-- KEYS[1] hash
-- ARGV[1] field
-- ARGV[2] its value as it was read
-- ARGV[3] its new value
-- Returns 1 when it was replaced, else 0.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
`,
)
