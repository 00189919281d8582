import { CLOCK, script } from './script.ts'
import type { Script } from './script.ts'

/** Lua of the scripts that take a slot; the mark is the last of their keys. */
const LATE = `
-- On its way for so long that its node did not wait: nobody would give back what it took.
if redis.call('EXISTS', KEYS[#KEYS]) == 1 then return {0, 0} end
`

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
-- KEYS[2] a key that marks the lease as taken back
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] id of the new lease
-- ARGV[3] how long it lasts, milliseconds
-- ARGV[4] how many slots there are
-- ARGV[5] how long any lease lasts at most, milliseconds
-- Returns {1, slots in use with the new one} or {0, slots in use}.
${CLOCK}
${LATE}
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

/** Takes a slot at an account, with what the request may cost of its daily quota. */
export const ACQUIRE_QUOTA_LEASE: Script = script(
  'acquire-quota-lease',
  `#!lua
-- As acquire-lease, and holds an estimate against the quota of a day. Ids of leases end in '#<micro-USD>', what each has
-- reserved, so that a lease that is put back after a failover brings its reservation along.
--
-- KEYS[1] sorted set lease id -> its end
-- KEYS[2] what was spent, '<day> <micro-USD>'
-- KEYS[3] a key that marks the lease as taken back
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] id of the new lease
-- ARGV[3] how long it lasts, milliseconds
-- ARGV[4] how many slots there are
-- ARGV[5] how long any lease lasts at most, milliseconds
-- ARGV[6] what it reserves, micro-USD
-- ARGV[7] name of the day
-- ARGV[8] the quota, micro-USD
-- ARGV[9] what the asking node knows to be spent on that day, micro-USD: counted by others in another place
-- Returns {1, slots in use with the new one}, {0, slots in use}, or {2, slots in use} when the quota has no room.
${CLOCK}
${LATE}
local now = clock(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. (now + ARGV[5]), '+inf')
local leases = redis.call('ZRANGE', KEYS[1], 0, -1)
if #leases >= tonumber(ARGV[4]) then return {0, #leases} end
local reserved = 0
for _, id in ipairs(leases) do reserved = reserved + tonumber(string.match(id, '#(%d+)$') or 0) end
local day, known = string.match(redis.call('GET', KEYS[2]) or '', '^(.*) (%d+)$')
local used = math.max(day == ARGV[7] and tonumber(known) or 0, tonumber(ARGV[9]))
local limit = tonumber(ARGV[8])
if used + reserved >= limit or (reserved > 0 and used + reserved + ARGV[6] > limit) then return {2, #leases} end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[2])
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[5])
return {1, #leases + 1}
`,
)

/** Gives a slot at an account back and counts what was spent. */
export const SETTLE_LEASE: Script = script(
  'settle-lease',
  `#!lua
-- KEYS[1] sorted set lease id -> its end
-- KEYS[2] what was spent, '<day> <micro-USD>'
-- ARGV[1] lease id
-- ARGV[2] name of the day
-- ARGV[3] what was spent, micro-USD
-- ARGV[4] what the asking node knows to be spent on that day before, micro-USD
-- ARGV[5] how long the sum is kept, milliseconds
-- Returns 1, or 0 for a lease that was there no more: then nothing is counted.
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
local day, known = string.match(redis.call('GET', KEYS[2]) or '', '^(.*) (%d+)$')
local used = math.max(day == ARGV[2] and tonumber(known) or 0, tonumber(ARGV[4])) + ARGV[3]
redis.call('SET', KEYS[2], ARGV[2] .. ' ' .. string.format('%.0f', used), 'PX', ARGV[5])
return 1
`,
)

/** Takes slots back whose question has had no answer, also where it is still on its way. */
export const TAKE_BACK_LEASES: Script = script(
  'take-back-leases',
  `#!lua
-- KEYS    two for each lease: a sorted set lease id -> its end, and a key that marks the lease as taken back
-- ARGV[1] how long the marks stay, milliseconds
-- ARGV[2+] for each lease its id
-- Returns 1.
for index = 2, #ARGV do
  redis.call('ZREM', KEYS[2 * index - 3], ARGV[index])
  redis.call('SET', KEYS[2 * index - 2], '1', 'PX', ARGV[1])
end
return 1
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
