import { SEEDED } from '../../limits/seed-budgets.ts'
import { CLOCK, script } from './script.ts'
import type { Script } from './script.ts'

/**
 * Lua that all scripts on limits share. KEYS come in threes, for each subject of the plan: its slots (sorted set admission id ->
 * end), what they have reserved (hash admission id -> '<tokens> <micro-USD>'), its counters (hash '<bound> <period>' ->
 * '<start> <used>').
 */
const LIMITS = `
local SEEDED = '${SEEDED.bound} ${SEEDED.period}'

local function readPair(text)
  local first, second = string.match(text or '', '^(-?%d+) (%d+)$')
  return tonumber(first), tonumber(second)
end
local function writePair(first, second) return string.format('%.0f %.0f', first, second) end

-- What runs and what it has reserved. A slot that ends later than any may was taken before the clock was set back.
local function useOf(index, now, maxTtl)
  local slots, reserved = KEYS[index * 3 - 2], KEYS[index * 3 - 1]
  local ids = redis.call('ZRANGEBYSCORE', slots, '(' .. string.format('%.0f', now), string.format('%.0f', now + maxTtl))
  local tokens, cost = 0, 0
  if redis.call('EXISTS', reserved) == 1 then
    for _, id in ipairs(ids) do
      local heldTokens, heldCost = readPair(redis.call('HGET', reserved, id))
      tokens = tokens + (heldTokens or 0)
      cost = cost + (heldCost or 0)
    end
  end
  return #ids, tokens, cost
end

-- A window from the future was begun before the clock was set back: it keeps its count and begins now. That is written
-- down at once, or it would never end.
local function windowOf(counters, window, now)
  local start, used = readPair(redis.call('HGET', counters, window.bound .. ' '))
  if not start or now - start >= window.ms then return now, 0 end
  if start > now then
    start = now
    redis.call('HSET', counters, window.bound .. ' ', writePair(start, used))
  end
  return start, used
end

local function addToWindow(counters, window, now, amount)
  if amount == 0 then return end
  local start, used = windowOf(counters, window, now)
  redis.call('HSET', counters, window.bound .. ' ', writePair(start, used + amount))
end

local function addToBudget(counters, budget, amount)
  local field = budget.bound .. ' ' .. budget.label
  local start, used = readPair(redis.call('HGET', counters, field))
  -- A period of the same name that started at another time is that of another zone: the newer one counts.
  if start and start > budget.startsAt then return end
  if start ~= budget.startsAt then used = 0 end
  redis.call('HSET', counters, field, writePair(budget.startsAt, used + amount))
end

-- No window and no month is longer than the given time; budgets without an end stay.
local function removeOldCounters(counters, before)
  if redis.call('HLEN', counters) < 50 then return end
  local all = redis.call('HGETALL', counters)
  for index = 1, #all, 2 do
    local start = readPair(all[index + 1])
    if start and start < before and all[index] ~= 'total ' and all[index] ~= SEEDED then redis.call('HDEL', counters, all[index]) end
  end
end

local function countRequest(counters, plan, now)
  for _, window in ipairs(plan.windows) do
    if window.counts == 'requests' then addToWindow(counters, window, now, 1) end
  end
end

local function count(counters, plan, now, tokens, cost)
  for _, window in ipairs(plan.windows) do
    if window.counts == 'tokens' then addToWindow(counters, window, now, tokens) end
    if window.counts == 'cost' then addToWindow(counters, window, now, cost) end
  end
  if cost == 0 then return end
  for _, budget in ipairs(plan.budgets) do addToBudget(counters, budget, cost) end
end
`

/** Checks all bounds of a request and takes everything, or nothing. */
export const ADMIT: Script = script(
  'admit',
  `#!lua
-- KEYS    see above: three for each subject; then a key that marks the request as settled
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] the request as JSON: {id, ttl, maxTtl, late: how long after its end a slot can still be settled,
--         tokens, cost: what is reserved,
--         subjects: [{held, max, windows: [{bound, counts, ms, max}], budgets: [{bound, label, startsAt, max}],
--         set: when budgets were set within their periods}]}
-- Returns {2} when budgets have to be seeded before, {1} when it was let in, or {0, time, and for each subject: {in use, tokens, cost, counter, value, counter, value...}}.
${CLOCK}
${LIMITS}
local now = clock(ARGV[1])
local request = cjson.decode(ARGV[2])
-- On its way for so long that its node did not wait: the request is over, and nobody would give back what it took.
if redis.call('EXISTS', KEYS[#KEYS]) == 1 then return {1} end

local function isMet(limit, used, reserved, amount)
  if used + reserved >= limit then return true end
  if not amount or reserved == 0 then return false end
  return used + reserved + amount > limit
end

for index, plan in ipairs(request.subjects) do
  local seeded = plan.set and readPair(redis.call('HGET', KEYS[index * 3], SEEDED)) or -1
  if plan.set and seeded < plan.set then return {2} end
end

local uses = {}
for index, plan in ipairs(request.subjects) do
  local slots, reserved = KEYS[index * 3 - 2], KEYS[index * 3 - 1]
  local late = redis.call('ZRANGEBYSCORE', slots, '-inf', '(' .. string.format('%.0f', now - request.late), 'LIMIT', 0, 500)
  for _, id in ipairs(late) do
    redis.call('ZREM', slots, id)
    redis.call('HDEL', reserved, id)
  end
  local inUse, tokens, cost = 0, 0, 0
  if plan.held then inUse, tokens, cost = useOf(index, now, request.maxTtl) end
  uses[index] = {inUse = inUse, tokens = tokens, cost = cost}
end

local checks = {
  function(plan, use) return plan.max > 0 and isMet(plan.max, use.inUse, 0, nil) end,
  function(plan, use, counters)
    for _, window in ipairs(plan.windows) do
      local _, used = windowOf(counters, window, now)
      local reserved, amount = 0, nil
      if window.counts == 'tokens' then reserved, amount = use.tokens, request.tokens end
      if window.counts == 'cost' then reserved, amount = use.cost, request.cost end
      if isMet(window.max, used, reserved, amount) then return true end
    end
    return false
  end,
  function(plan, use, counters)
    for _, budget in ipairs(plan.budgets) do
      local start, used = readPair(redis.call('HGET', counters, budget.bound .. ' ' .. budget.label))
      if start ~= budget.startsAt then used = 0 end
      if isMet(budget.max, used, use.cost, request.cost) then return true end
    end
    return false
  end
}

local function refusal()
  local answer = {0, string.format('%.0f', now)}
  for index, use in ipairs(uses) do
    local facts = {use.inUse, string.format('%.0f', use.tokens), string.format('%.0f', use.cost)}
    for _, text in ipairs(redis.call('HGETALL', KEYS[index * 3])) do facts[#facts + 1] = text end
    answer[#answer + 1] = facts
  end
  return answer
end

for _, check in ipairs(checks) do
  for index, plan in ipairs(request.subjects) do
    if check(plan, uses[index], KEYS[index * 3]) then return refusal() end
  end
end

for index, plan in ipairs(request.subjects) do
  local slots, reserved, counters = KEYS[index * 3 - 2], KEYS[index * 3 - 1], KEYS[index * 3]
  if plan.held then
    redis.call('ZADD', slots, now + request.ttl, request.id)
    redis.call('PEXPIRE', slots, request.maxTtl + request.late)
    if request.tokens > 0 or request.cost > 0 then
      redis.call('HSET', reserved, request.id, writePair(request.tokens, request.cost))
      redis.call('PEXPIRE', reserved, request.maxTtl + request.late)
    end
  end
  countRequest(counters, plan, now)
end
return {1}
`,
)

/** Counts what was spent before budgets were set, so that these count from the beginning of their periods. */
export const SEED_BUDGETS: Script = script(
  'seed-budgets',
  `#!lua
-- KEYS    counters of each subject
-- ARGV[1] as JSON, for each subject: [{set: when its budgets were set, budgets: [{bound, label, startsAt, used}]}, ...]
-- Returns 1.
${LIMITS}
for index, seed in ipairs(cjson.decode(ARGV[1])) do
  local counters = KEYS[index]
  for _, budget in ipairs(seed.budgets) do
    local field = budget.bound .. ' ' .. budget.label
    local start, used = readPair(redis.call('HGET', counters, field))
    if start ~= budget.startsAt then used = 0 end
    redis.call('HSET', counters, field, writePair(budget.startsAt, math.max(used, budget.used)))
  end
  local known = readPair(redis.call('HGET', counters, SEEDED)) or 0
  redis.call('HSET', counters, SEEDED, writePair(math.max(known, seed.set), 0))
end
return 1
`,
)

/** Gives back what a request held and counts what it has used, once. */
export const SETTLE: Script = script(
  'settle',
  `#!lua
-- KEYS    see above: three for each subject; then, for a request that this node let in by itself, or not at all, a key that marks it as settled
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] as JSON: {id, tokens, cost: what was used, alone: whether the node let it in by itself,
--         vain: whether it was not let in, though nobody knows what became of the question: nothing is counted,
--         late: how long the mark stays, old: counters that began so long ago go, milliseconds,
--         subjects: [{windows: [{bound, counts, ms}], budgets: [{bound, label, startsAt}]}]}
-- Returns how many subjects have counted it.
${CLOCK}
${LIMITS}
local now = clock(ARGV[1])
local request = cjson.decode(ARGV[2])
if request.alone and not redis.call('SET', KEYS[#KEYS], '1', 'NX', 'PX', request.late) then return 0 end
local counted = 0
for index, plan in ipairs(request.subjects) do
  local slots, reserved, counters = KEYS[index * 3 - 2], KEYS[index * 3 - 1], KEYS[index * 3]
  local isHeld = redis.call('ZREM', slots, request.id) == 1
  redis.call('HDEL', reserved, request.id)
  if (isHeld or request.alone) and not request.vain then
    counted = counted + 1
    if not isHeld then countRequest(counters, plan, now) end
    count(counters, plan, now, request.tokens, request.cost)
    removeOldCounters(counters, now - request.old)
  end
end
return counted
`,
)

/** Prolongs what admissions hold. */
export const RENEW_ADMISSIONS: Script = script(
  'renew-admissions',
  `#!lua
-- KEYS    see above: three for each admission and each of its subjects; then, for each share, a key that marks its request as settled
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] as JSON: {ttl, maxTtl, late, shares: [{id, reserved: '<tokens> <micro-USD>' or '' for nothing,
--         known: whether the node knows that it is held: then it is put back should Redis have lost it,
--         uncounted: of one that the node let in by itself {windows: [{bound, counts, ms}]}: counted when it is put back}, ...]},
--         a share for each three keys of the first kind
-- Returns a list of 1 (held) and 0, in the order of the shares.
${CLOCK}
${LIMITS}
local now = clock(ARGV[1])
local request = cjson.decode(ARGV[2])
local held = {}
for index, share in ipairs(request.shares) do
  local slots, reserved, counters = KEYS[index * 3 - 2], KEYS[index * 3 - 1], KEYS[index * 3]
  local isThere = redis.call('ZSCORE', slots, share.id)
  held[index] = 0
  -- One that was settled while this was on its way is not put back.
  local isOver = share.uncounted and redis.call('EXISTS', KEYS[#request.shares * 3 + index]) == 1
  if (share.known or isThere) and not isOver then
    held[index] = 1
    if share.uncounted and not isThere then countRequest(counters, share.uncounted, now) end
    redis.call('ZADD', slots, now + request.ttl, share.id)
    redis.call('PEXPIRE', slots, request.maxTtl + request.late)
    if share.known and share.reserved ~= '' then redis.call('HSET', reserved, share.id, share.reserved) end
    redis.call('PEXPIRE', reserved, request.maxTtl + request.late)
  end
end
return held
`,
)

/** Reads what of all bounds is used up. */
export const READ_LIMITS: Script = script(
  'read-limits',
  `#!lua
-- Writes only where a window was begun before the clock was set back.
--
-- KEYS    see above: three for each subject
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] how long any slot lasts at most, milliseconds
-- ARGV[3] as JSON: for each subject its windows: [[{bound, ms}, ...], ...]
-- Returns {time, and for each subject: {in use, tokens, cost, counter, value, counter, value...}}.
${CLOCK}
${LIMITS}
local now = clock(ARGV[1])
local answer = {string.format('%.0f', now)}
for index, windows in ipairs(cjson.decode(ARGV[3])) do
  local inUse, tokens, cost = useOf(index, now, tonumber(ARGV[2]))
  for _, window in ipairs(windows) do windowOf(KEYS[index * 3], window, now) end
  local facts = {inUse, string.format('%.0f', tokens), string.format('%.0f', cost)}
  for _, text in ipairs(redis.call('HGETALL', KEYS[index * 3])) do facts[#facts + 1] = text end
  answer[#answer + 1] = facts
end
return answer
`,
)
