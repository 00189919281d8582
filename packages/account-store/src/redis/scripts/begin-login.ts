import { CLOCK, script } from './script.ts'
import type { Script } from './script.ts'

/** Counts an attempt to sign in before it is looked at. */
export const BEGIN_LOGIN: Script = script(
  'begin-login',
  `#!lua
-- Counts an attempt as failed, unless it comes too early: then it is not counted.
--
-- KEYS[1] sorted set subject -> time of its last attempt
-- KEYS[2] hash subject -> failures
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] for how long failures are remembered, milliseconds
-- ARGV[3] how many subjects are remembered
-- ARGV[4] failures that cost nothing
-- ARGV[5] first delay in milliseconds; it doubles with each further failure
-- ARGV[6] subject of the name, ARGV[7] its longest delay
-- ARGV[8] subject of the address, ARGV[9] its longest delay
-- Returns the milliseconds to wait, 0 when the attempt was counted.
${CLOCK}
local now = clock(ARGV[1])
local function forget(subjects)
  for _, subject in ipairs(subjects) do
    redis.call('ZREM', KEYS[1], subject)
    redis.call('HDEL', KEYS[2], subject)
  end
end
forget(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. (now - ARGV[2]), 'LIMIT', 0, 1000))
local extra = redis.call('ZCARD', KEYS[1]) - ARGV[3]
if extra > 0 then forget(redis.call('ZRANGE', KEYS[1], 0, math.min(extra, 1000) - 1)) end
local function wait(subject, longest)
  local last = redis.call('ZSCORE', KEYS[1], subject)
  local failures = tonumber(redis.call('HGET', KEYS[2], subject) or 0)
  if not last or failures < tonumber(ARGV[4]) then return 0 end
  local since = now - last
  -- A failure from the future was counted before the clock was set back; waiting for it could take for ever.
  if since < 0 then return 0 end
  local delay = math.min(tonumber(longest), ARGV[5] * 2 ^ math.min(failures - ARGV[4], 30))
  return math.max(0, delay - since)
end
local waitMs = math.max(wait(ARGV[6], ARGV[7]), wait(ARGV[8], ARGV[9]))
if waitMs > 0 then return waitMs end
for _, subject in ipairs({ARGV[6], ARGV[8]}) do
  redis.call('ZADD', KEYS[1], now, subject)
  redis.call('HINCRBY', KEYS[2], subject, 1)
end
return 0
`,
)

/** Takes the attempt back that went well. */
export const END_LOGIN: Script = script(
  'end-login',
  `#!lua
-- Forgets the failures of the name, and takes one back from the address.
--
-- KEYS[1] sorted set subject -> time of its last attempt
-- KEYS[2] hash subject -> failures
-- ARGV[1] subject of the name
-- ARGV[2] subject of the address
-- Returns 1.
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
if tonumber(redis.call('HGET', KEYS[2], ARGV[2]) or 0) > 0 then redis.call('HINCRBY', KEYS[2], ARGV[2], -1) end
return 1
`,
)
