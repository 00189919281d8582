import { script } from './script.ts'
import type { Script } from './script.ts'

/**
 * Lua: `addSums(key, group, counts, names)` adds to the sums of a group in the hash of a span. They lie there as one text:
 * the numbers with commas, then the names of key and account, each on a line. `%.0f` writes every whole number that a
 * double holds; the library's own JSON would round beyond fourteen digits.
 */
const ADD_SUMS = `
local function addSums(key, group, counts, names)
  local text = redis.call('HGET', key, group)
  local numbers = {}
  if text then
    local index = 0
    for number in string.gmatch(string.match(text, '^[^\\n]*'), '[^,]+') do
      index = index + 1
      numbers[index] = tonumber(number)
    end
  end
  for index, count in ipairs(counts) do
    numbers[index] = string.format('%.0f', (numbers[index] or 0) + count)
  end
  local rest = text and string.match(text, '(\\n.*)$') or ''
  if names then rest = '\\n' .. names[1] .. '\\n' .. names[2] end
  redis.call('HSET', key, group, table.concat(numbers, ',') .. rest)
end
`

/** Writes usage records of one day. */
export const WRITE_USAGE: Script = script(
  'write-usage',
  `#!lua
-- Writes records of one day with their sums; those that are there already are left as they are and counted nowhere.
--
-- KEYS[1] hash request id -> record of that day
-- KEYS[2] sorted set of days, scored by themselves
-- KEYS[3] hash relay key id -> time of its last use
-- KEYS[4] counter that orders records of one millisecond
-- KEYS[5] hash of running requests
-- KEYS[6+] sorted sets that list records, scored by the time they arrived: <number>:<request id>;
--         sorted sets of spans; hashes of sums
-- ARGV[1] the day
-- ARGV[2+] records as JSON: {id: request id, at: time, key: relay key id, row: the record as text,
--          lists: [index of a sorted set of records among KEYS, ...],
--          spans: [{starts: index of a sorted set of spans, sums: index of a hash of sums, at: start of the span}, ...],
--          group: what sums are kept by, counts: [number, ...], names: [key name, account name]}
-- Returns how many were new.
${ADD_SUMS}
local count = 0
for index = 2, #ARGV do
  local record = cjson.decode(ARGV[index])
  if redis.call('HSETNX', KEYS[1], record.id, record.row) == 1 then
    count = count + 1
    local member = string.format('%015d:', redis.call('INCR', KEYS[4])) .. record.id
    for _, list in ipairs(record.lists) do redis.call('ZADD', KEYS[list], record.at, member) end
    for _, span in ipairs(record.spans) do
      redis.call('ZADD', KEYS[span.starts], span.at, string.format('%.0f', span.at))
      addSums(KEYS[span.sums], record.group, record.counts, record.names)
    end
    local last = tonumber(redis.call('HGET', KEYS[3], record.key) or 0)
    if record.at > last then redis.call('HSET', KEYS[3], record.key, string.format('%.0f', record.at)) end
  end
  redis.call('HDEL', KEYS[5], record.id)
end
if count > 0 then redis.call('ZADD', KEYS[2], ARGV[1], ARGV[1]) end
return count
`,
)

/** Changes costs of records of one day. */
export const CHANGE_COSTS: Script = script(
  'change-costs',
  `#!lua
-- Replaces records by others that differ in their cost, and changes the sums with them.
--
-- KEYS[1]  hash request id -> record of that day
-- KEYS[2+] hashes of sums
-- ARGV     changes as JSON: {id: request id, before: the record as it was read, after: as it shall be,
--          sums: [index of a hash among KEYS, ...], group: what sums are kept by, counts: [number to add, ...]}
-- Returns a list of 1 (changed) and 0 (somebody else changed or removed it meanwhile).
${ADD_SUMS}
local outcomes = {}
for index, text in ipairs(ARGV) do
  local change = cjson.decode(text)
  outcomes[index] = 0
  if redis.call('HGET', KEYS[1], change.id) == change.before then
    outcomes[index] = 1
    redis.call('HSET', KEYS[1], change.id, change.after)
    for _, sums in ipairs(change.sums) do
      if redis.call('HEXISTS', KEYS[sums], change.group) == 1 then addSums(KEYS[sums], change.group, change.counts) end
    end
  end
end
return outcomes
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

/** Finds usage records by their request ids. */
export const FIND_USAGE: Script = script(
  'find-usage',
  `#!lua flags=no-writes
-- KEYS hashes request id -> record, one for each day, newest first
-- ARGV request ids
-- Returns a list with the record for each id, or nothing.
local found = {}
for index, id in ipairs(ARGV) do
  found[index] = false
  for _, key in ipairs(KEYS) do
    local record = redis.call('HGET', key, id)
    if record then
      found[index] = record
      break
    end
  end
end
return found
`,
)

/** Removes usage records of one day. */
export const REMOVE_USAGE: Script = script(
  'remove-usage',
  `#!lua
-- KEYS[1]  hash request id -> record of that day
-- KEYS[2]  sorted set of days
-- KEYS[3+] sorted sets that list records
-- ARGV[1]  the day
-- ARGV[2+] members of the sorted sets: <number>:<request id>
-- Returns how many were removed. Their sums stay.
local count = 0
for index = 2, #ARGV do
  count = count + redis.call('HDEL', KEYS[1], string.match(ARGV[index], '^%d+:(.*)$'))
  for list = 3, #KEYS do redis.call('ZREM', KEYS[list], ARGV[index]) end
end
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('ZREM', KEYS[2], ARGV[1]) end
return count
`,
)

/** Adds sums of which there are no records. */
export const ADD_HISTORY: Script = script(
  'add-history',
  `#!lua
-- KEYS[1]  hash entry id -> time; entries that are there already are passed over
-- KEYS[2+] sorted sets of spans; hashes of sums
-- ARGV[1]  the time that is noted
-- ARGV[2+] entries as JSON: {id, spans: [{starts, sums, at}, ...], group, counts, names} as in write-usage
-- Returns how many were new.
${ADD_SUMS}
local count = 0
for index = 2, #ARGV do
  local entry = cjson.decode(ARGV[index])
  if redis.call('HSETNX', KEYS[1], entry.id, ARGV[1]) == 1 then
    count = count + 1
    for _, span in ipairs(entry.spans) do
      redis.call('ZADD', KEYS[span.starts], span.at, string.format('%.0f', span.at))
      addSums(KEYS[span.sums], entry.group, entry.counts, entry.names)
    end
  end
end
return count
`,
)
