import { HISTORY_LENGTH } from '../redis-keys.ts'
import { script } from './script.ts'
import type { Script } from './script.ts'

/** Writes what a transaction has decided, if nothing it has read was changed meanwhile. */
export const COMMIT: Script = script(
  'commit',
  `#!lua
-- Writes fields of hashes, all or none, and counts the change.
--
-- KEYS[1]  hash of facts about the data set
-- KEYS[2]  hash revision -> token
-- KEYS[3]  sorted set of changed objects
-- KEYS[4+] hashes that are written
-- ARGV[1]  the plan as JSON: {
--   instance: id of the data set that is meant,
--   guard: name of the counter that must not have moved, or '',
--   expected: its value as a text,
--   token: random text that names this commit,
--   requires: [[index of a hash among KEYS, field], ...] that must be there,
--   puts: [[index, field, value], ...],
--   removals: [[index, field], ...],
--   sums: [[index, field, period, number], ...]: added to what lies there as '<period> <number>', in another period anew,
--   changed: [member of KEYS[3], ...] }
-- Returns {'done', revision}, {'conflict'}, {'missing', field}, or {'lost'} when the data set is gone or another one.
local plan = cjson.decode(ARGV[1])
if redis.call('HGET', KEYS[1], 'instance-id') ~= plan.instance then return {'lost'} end
if plan.guard ~= '' and redis.call('HGET', KEYS[1], plan.guard) ~= plan.expected then
  -- The same commit may arrive twice when its first answer was lost on the way.
  local mine = redis.call('HGET', KEYS[1], 'last-token:' .. plan.guard)
  if mine == plan.token then return {'done', redis.call('HGET', KEYS[1], 'revision')} end
  return {'conflict'}
end
for _, need in ipairs(plan.requires) do
  if redis.call('HEXISTS', KEYS[need[1]], need[2]) == 0 then return {'missing', need[2]} end
end
for _, removal in ipairs(plan.removals) do redis.call('HDEL', KEYS[removal[1]], removal[2]) end
for _, put in ipairs(plan.puts) do redis.call('HSET', KEYS[put[1]], put[2], put[3]) end
for _, sum in ipairs(plan.sums) do
  local period, known = string.match(redis.call('HGET', KEYS[sum[1]], sum[2]) or '', '^(.*) (%d+)$')
  local total = (period == sum[3] and tonumber(known) or 0) + sum[4]
  redis.call('HSET', KEYS[sum[1]], sum[2], sum[3] .. ' ' .. string.format('%.0f', total))
end
if plan.guard ~= '' then
  redis.call('HINCRBY', KEYS[1], plan.guard, 1)
  redis.call('HSET', KEYS[1], 'last-token:' .. plan.guard, plan.token)
end
local revision = redis.call('HINCRBY', KEYS[1], 'revision', 1)
redis.call('HSET', KEYS[2], tostring(revision), plan.token)
redis.call('HDEL', KEYS[2], tostring(revision - ${HISTORY_LENGTH}))
for _, member in ipairs(plan.changed) do redis.call('ZADD', KEYS[3], revision, member) end
return {'done', tostring(revision)}
`,
)
