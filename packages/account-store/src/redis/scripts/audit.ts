import { script } from './script.ts'
import type { Script } from './script.ts'

/** Writes an entry of the log of what admins did. */
export const RECORD_AUDIT: Script = script(
  'record-audit',
  `#!lua
-- KEYS[1] counter of entries
-- KEYS[2] hash number -> row
-- KEYS[3] sorted set number, scored by its time
-- ARGV[1] the row as JSON, without its number
-- ARGV[2] its time in milliseconds
-- Returns the number of the entry.
local number = redis.call('INCR', KEYS[1])
redis.call('HSET', KEYS[2], number, ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], number)
return number
`,
)

/** Removes old entries. */
export const REMOVE_OLD_AUDIT: Script = script(
  'remove-old-audit',
  `#!lua
-- KEYS[1] hash number -> row
-- KEYS[2] sorted set number, scored by its time
-- ARGV[1] entries from before this time go
-- Returns how many were removed; at most 1000 at once.
local numbers = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[1], 'LIMIT', 0, 1000)
for _, number in ipairs(numbers) do
  redis.call('HDEL', KEYS[1], number)
  redis.call('ZREM', KEYS[2], number)
end
return #numbers
`,
)
