import { CLOCK, script } from './script.ts'
import type { Script } from './script.ts'

/** Takes a slot, if there is one. */
export const ACQUIRE_LEASE: Script = script(
  'acquire-lease',
  `#!lua
-- Counts the slots that are taken and takes one, in one step.
--
-- A slot counts when it has not run out, and when it does not run out later than any slot may: that one was taken before the
-- clock was set back, and must not be missing for as long.
--
-- KEYS[1] sorted set lease id -> its end
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] id of the new lease
-- ARGV[3] how long it lasts, milliseconds
-- ARGV[4] how many slots there are
-- ARGV[5] how long any lease lasts at most, milliseconds
-- Returns {1, slots in use with the new one} or {0, slots in use}.
${CLOCK}
local now = clock(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. (now + ARGV[5]), '+inf')
local inUse = redis.call('ZCARD', KEYS[1])
if inUse >= tonumber(ARGV[4]) then return {0, inUse} end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[2])
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[5])
return {1, inUse + 1}
`,
)

/** Prolongs slots. */
export const RENEW_LEASES: Script = script(
  'renew-leases',
  `#!lua
-- KEYS    a sorted set for each lease (the same one may come several times)
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] how long the leases last from now, milliseconds
-- ARGV[3] how long any lease lasts at most, milliseconds
-- ARGV[4+] for each key: the lease id, then '1' when its holder knows that it has not run out: then it is put back should
--         Redis have lost it in a failover, or have been away when it was taken
-- Returns a list of 1 (still held) and 0, in the order of the keys.
${CLOCK}
local now = clock(ARGV[1])
local held = {}
for index, key in ipairs(KEYS) do
  local id = ARGV[2 + 2 * index]
  local ends = redis.call('ZSCORE', key, id)
  local alive = ends and tonumber(ends) > now
  if alive or (not ends and ARGV[3 + 2 * index] == '1') then
    redis.call('ZADD', key, now + ARGV[2], id)
    redis.call('PEXPIRE', key, 2 * ARGV[3])
    held[index] = 1
  else
    held[index] = 0
  end
end
return held
`,
)

/** Counts slots. */
export const COUNT_LEASES: Script = script(
  'count-leases',
  `#!lua flags=no-writes
-- KEYS[1] sorted set lease id -> its end
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] how long any lease lasts at most, milliseconds
-- Returns how many slots are taken.
${CLOCK}
local now = clock(ARGV[1])
return redis.call('ZCOUNT', KEYS[1], '(' .. now, now + ARGV[2])
`,
)
