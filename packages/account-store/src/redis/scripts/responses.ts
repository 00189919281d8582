import { CLOCK, script } from './script.ts'
import type { Script } from './script.ts'

/**
 * Lua: `removeResponse(id)` takes one response away with all that leads to it. All scripts on responses have these keys:
 * KEYS[1] facts, KEYS[2] bodies, KEYS[3] order, KEYS[4] ends, KEYS[5] items (see `ResponseKeys`).
 */
const REMOVE = `
local function removeResponse(id)
  local text = redis.call('HGET', KEYS[1], id)
  if not text then return false end
  for _, item in ipairs(cjson.decode(text).items) do
    local left = {}
    local ids = cjson.decode(redis.call('HGET', KEYS[5], item) or '[]')
    for _, other in ipairs(ids) do
      if other ~= id then left[#left + 1] = other end
    end
    if #left == 0 then redis.call('HDEL', KEYS[5], item) else redis.call('HSET', KEYS[5], item, cjson.encode(left)) end
  end
  redis.call('HDEL', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
  redis.call('ZREM', KEYS[3], id)
  redis.call('ZREM', KEYS[4], id)
  return true
end
`

/** Keeps a response. */
export const SAVE_RESPONSE: Script = script(
  'save-response',
  `#!lua
-- Keeps a response, in place of one of the same id, and lets the oldest ones of the key go until they fit.
--
-- KEYS[1-5] see above
-- ARGV[1] id
-- ARGV[2] facts as JSON: {createdAt, expiresAt, bytes, items: [...]}
-- ARGV[3] sealed body
-- ARGV[4] bytes that all responses of the key may have together
-- ARGV[5] how long it is kept, milliseconds
-- Returns 1.
${REMOVE}
removeResponse(ARGV[1])
local facts = cjson.decode(ARGV[2])
local newest = redis.call('ZRANGE', KEYS[3], -1, -1, 'WITHSCORES')
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
redis.call('ZADD', KEYS[3], (newest[2] or 0) + 1, ARGV[1])
redis.call('ZADD', KEYS[4], facts.expiresAt, ARGV[1])
for _, item in ipairs(facts.items) do
  local ids = cjson.decode(redis.call('HGET', KEYS[5], item) or '[]')
  ids[#ids + 1] = ARGV[1]
  redis.call('HSET', KEYS[5], item, cjson.encode(ids))
end
local total = 0
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[3], 0, -1)) do
  total = total + cjson.decode(redis.call('HGET', KEYS[1], id)).bytes
  if total > tonumber(ARGV[4]) then removeResponse(id) end
end
-- Should nobody sweep, Redis itself takes everything away.
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < tonumber(ARGV[5]) then redis.call('PEXPIRE', key, ARGV[5]) end
end
return 1
`,
)

/** Finds a response by its id or by one of its items. */
export const FIND_RESPONSE: Script = script(
  'find-response',
  `#!lua flags=no-writes
-- KEYS[1-5] see above
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] 'response' or 'item'
-- ARGV[3] id of the response or item
-- Returns {id, facts, body, end} of the newest one whose time is not over, or {}.
${CLOCK}
local now = clock(ARGV[1])
local ids = {ARGV[3]}
if ARGV[2] == 'item' then ids = cjson.decode(redis.call('HGET', KEYS[5], ARGV[3]) or '[]') end
for index = #ids, 1, -1 do
  local ends = redis.call('ZSCORE', KEYS[4], ids[index])
  if ends and tonumber(ends) > now then
    return {ids[index], redis.call('HGET', KEYS[1], ids[index]), redis.call('HGET', KEYS[2], ids[index]), ends}
  end
end
return {}
`,
)

/** Removes one response. */
export const REMOVE_RESPONSE: Script = script(
  'remove-response',
  `#!lua
-- KEYS[1-5] see above
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] id
-- Returns 1 when there was one whose time was not over, else 0.
${CLOCK}
${REMOVE}
local ends = redis.call('ZSCORE', KEYS[4], ARGV[2])
removeResponse(ARGV[2])
return ends and tonumber(ends) > clock(ARGV[1]) and 1 or 0
`,
)

/** Removes the responses of a key whose time is over. */
export const SWEEP_RESPONSES: Script = script(
  'sweep-responses',
  `#!lua
-- KEYS[1-5] see above
-- ARGV[1] the time in milliseconds, or '' for the server's
-- Returns {how many were removed, how many are left}; at most 1000 are removed at once.
${CLOCK}
${REMOVE}
local ids = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', clock(ARGV[1]), 'LIMIT', 0, 1000)
for _, id in ipairs(ids) do removeResponse(id) end
return {#ids, redis.call('ZCARD', KEYS[4])}
`,
)

/** Lets responses end earlier. */
export const SHORTEN_RESPONSES: Script = script(
  'shorten-responses',
  `#!lua
-- KEYS[1-5] see above
-- ARGV[1] how long after it was made a response ends at the latest, milliseconds
-- Returns how many were shortened.
local count = 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
  local facts = cjson.decode(redis.call('HGET', KEYS[1], id))
  local latest = facts.createdAt + ARGV[1]
  if tonumber(redis.call('ZSCORE', KEYS[4], id)) > latest then
    redis.call('ZADD', KEYS[4], latest, id)
    count = count + 1
  end
end
return count
`,
)
