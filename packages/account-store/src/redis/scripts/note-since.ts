import { script } from './script.ts'
import type { Script } from './script.ts'

/** Notes until when old data is gone; that never moves back. */
export const NOTE_SINCE: Script = script(
  'note-since',
  `#!lua
-- KEYS[1] hash what -> until when it was removed
-- ARGV    what, time in milliseconds, what, time, ...
-- Returns 1.
for index = 1, #ARGV, 2 do
  local known = tonumber(redis.call('HGET', KEYS[1], ARGV[index]) or 0)
  if tonumber(ARGV[index + 1]) > known then redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1]) end
end
return 1
`,
)
