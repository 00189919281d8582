import { CLOCK, script } from './script.ts'
import type { Script } from './script.ts'

/** Notes that a process lives. */
export const GIVE_SIGN: Script = script(
  'give-sign',
  `#!lua
-- KEYS[1] hash id of a process -> when it was seen, milliseconds
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] id of the process
-- Returns 1.
${CLOCK}
redis.call('HSET', KEYS[1], ARGV[2], string.format('%.0f', clock(ARGV[1])))
return 1
`,
)

/** Takes those from the list that were silent for so long that they are dead. */
export const STRIKE_SILENT: Script = script(
  'strike-silent',
  `#!lua
-- KEYS[1] hash id of a process -> when it was seen, milliseconds
-- ARGV[1] the time in milliseconds, or '' for the server's
-- ARGV[2] how long a process may be silent, milliseconds
-- Returns the ids of those that live.
${CLOCK}
local since = clock(ARGV[1]) - ARGV[2]
local living = {}
local seen = redis.call('HGETALL', KEYS[1])
for index = 1, #seen, 2 do
  if tonumber(seen[index + 1]) < since then
    redis.call('HDEL', KEYS[1], seen[index])
  else
    table.insert(living, seen[index])
  end
end
return living
`,
)
