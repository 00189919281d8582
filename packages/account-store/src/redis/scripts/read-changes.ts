import { script } from './script.ts'
import type { Script } from './script.ts'

/** Tells a node what has changed since it looked last. */
export const READ_CHANGES: Script = script(
  'read-changes',
  `#!lua flags=no-writes
-- Tells which objects have changed since a revision, with the accounts among them.
--
-- KEYS[1] hash of facts about the data set
-- KEYS[2] hash revision -> token
-- KEYS[3] sorted set of changed objects
-- KEYS[4] hash of accounts
-- KEYS[5] hash of account states
-- ARGV[1] the revision that is known, '0' for none
-- ARGV[2] the token of that revision as it is known
-- ARGV[3+] parts of an account's state
-- Returns {instance id or false, revision, token, 'all' or 'since', members, accounts, what is said of a rotation or false},
-- where members is a list of changed objects and accounts a flat list: id, row or false, state parts or false...
-- 'all' means that what was known does not lead to what is there: another server took over, or the node was away for too long.
local instance = redis.call('HGET', KEYS[1], 'instance-id')
if not instance then return {false} end
local revision = redis.call('HGET', KEYS[1], 'revision')
local token = redis.call('HGET', KEYS[2], revision) or ''
local rotation = redis.call('HGET', KEYS[1], 'rotation')
if revision == ARGV[1] and token == ARGV[2] then return {instance, revision, token, 'since', {}, {}, rotation} end
local reach = 'since'
local members = {}
local ids = {}
if ARGV[1] == '0' or redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then
  reach = 'all'
  ids = redis.call('HKEYS', KEYS[4])
else
  members = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. ARGV[1], '+inf')
  for _, member in ipairs(members) do
    local id = string.match(member, '^account:(.*)$')
    if id then ids[#ids + 1] = id end
  end
end
local accounts = {}
for _, id in ipairs(ids) do
  accounts[#accounts + 1] = id
  accounts[#accounts + 1] = redis.call('HGET', KEYS[4], id)
  for part = 3, #ARGV do
    accounts[#accounts + 1] = redis.call('HGET', KEYS[5], id .. ':' .. ARGV[part])
  end
end
return {instance, revision, token, reach, members, accounts, rotation}
`,
)
