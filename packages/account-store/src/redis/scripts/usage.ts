import { script } from './script.ts'
import type { Script } from './script.ts'

/** Writes usage records of one day. */
export const WRITE_USAGE: Script = script(
  'write-usage',
  `#!lua
-- Writes records of one day; those that are there already are left as they are.
--
-- KEYS[1] hash request id -> record of that day
-- KEYS[2] sorted set of days, scored by themselves
-- KEYS[3] hash relay key id -> time of its last use
-- KEYS[4] counter that orders records of one millisecond
-- KEYS[5+] sorted sets that list records, scored by the time they arrived: <number>:<request id>
-- ARGV[1] the day
-- ARGV[2+] records as JSON: {id: request id, at: time, key: relay key id, row: the record as text,
--          lists: [index of a sorted set among KEYS, ...]}
-- Returns how many were new.
local count = 0
for index = 2, #ARGV do
  local record = cjson.decode(ARGV[index])
  if redis.call('HSETNX', KEYS[1], record.id, record.row) == 1 then
    count = count + 1
    local member = string.format('%015d:', redis.call('INCR', KEYS[4])) .. record.id
    for _, list in ipairs(record.lists) do redis.call('ZADD', KEYS[list], record.at, member) end
    local last = tonumber(redis.call('HGET', KEYS[3], record.key) or 0)
    if record.at > last then redis.call('HSET', KEYS[3], record.key, string.format('%d', record.at)) end
  end
end
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[1])
return count
`,
)

/** Reads usage records, newest first. */
export const READ_USAGE: Script = script(
  'read-usage',
  `#!lua flags=no-writes
-- KEYS[1] hash request id -> record of one day
-- KEYS[2] sorted set that lists records
-- ARGV[1] arrived before or at
-- ARGV[2] arrived at or after
-- ARGV[3] how many at most
-- Returns a flat list: time, member of the sorted set, record...
local listed = redis.call('ZREVRANGEBYSCORE', KEYS[2], ARGV[1], ARGV[2], 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local found = {}
for index = 1, #listed, 2 do
  local id = string.match(listed[index], '^%d+:(.*)$')
  found[#found + 1] = listed[index + 1]
  found[#found + 1] = listed[index]
  found[#found + 1] = redis.call('HGET', KEYS[1], id)
end
return found
`,
)

/** Finds one usage record. */
export const FIND_USAGE: Script = script(
  'find-usage',
  `#!lua flags=no-writes
-- KEYS    hashes request id -> record, one for each day, newest first
-- ARGV[1] the request id
-- Returns the record, or nothing.
for _, key in ipairs(KEYS) do
  local record = redis.call('HGET', key, ARGV[1])
  if record then return record end
end
return false
`,
)
