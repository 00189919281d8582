import { CLOCK, script } from './script.ts'
import type { Script } from './script.ts'

/** Keeps a capture where capturing is on for its key, and counts it. */
export const SAVE_CAPTURE: Script = script(
  'save-capture',
  `#!lua
-- KEYS[1] capturing, KEYS[2] entries, KEYS[3] bodies, KEYS[4] order, KEYS[5] ends (see CaptureKeys)
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] key id, ARGV[3] request id, ARGV[4] entry as JSON: {createdAt, expiresAt, ...}, ARGV[5] sealed body
-- Returns 1 when it was kept, else 0.
${CLOCK}
local text = redis.call('HGET', KEYS[1], ARGV[2])
if not text then return 0 end
local capturing = cjson.decode(text)
if capturing.remaining < 1 or capturing.endsAt <= clock(ARGV[1]) then return 0 end
if redis.call('HSETNX', KEYS[2], ARGV[3], ARGV[4]) == 0 then return 0 end
local entry = cjson.decode(ARGV[4])
capturing.remaining = capturing.remaining - 1
redis.call('HSET', KEYS[1], ARGV[2], cjson.encode(capturing))
redis.call('HSET', KEYS[3], ARGV[3], ARGV[5])
redis.call('ZADD', KEYS[4], entry.createdAt, ARGV[3])
redis.call('ZADD', KEYS[5], entry.expiresAt, ARGV[3])
return 1
`,
)

/** Removes captures that are over, or one by its id. */
export const REMOVE_CAPTURES: Script = script(
  'remove-captures',
  `#!lua
-- KEYS[1] capturing, KEYS[2] entries, KEYS[3] bodies, KEYS[4] order, KEYS[5] ends (see CaptureKeys)
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] request id, or '' for all whose time is over, at most 1000 at once
-- Returns how many were removed; one that is named and whose time is over is left to the sweep.
${CLOCK}
local now = clock(ARGV[1])
local ids = {ARGV[2]}
if ARGV[2] == '' then
  ids = redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', now, 'LIMIT', 0, 1000)
  for _, key in ipairs(redis.call('HKEYS', KEYS[1])) do
    local capturing = cjson.decode(redis.call('HGET', KEYS[1], key))
    if capturing.remaining < 1 or capturing.endsAt <= now then redis.call('HDEL', KEYS[1], key) end
  end
end
local removed = 0
for _, id in ipairs(ids) do
  local ends = redis.call('ZSCORE', KEYS[5], id)
  if ends and (ARGV[2] == '' or tonumber(ends) > now) then
    removed = removed + 1
    redis.call('HDEL', KEYS[2], id)
    redis.call('HDEL', KEYS[3], id)
    redis.call('ZREM', KEYS[4], id)
    redis.call('ZREM', KEYS[5], id)
  end
end
return removed
`,
)
