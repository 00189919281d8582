import { script } from './script.ts'
import type { Script } from './script.ts'

/** Tries to write without changing anything. */
export const CHECK_WRITABLE: Script = script(
  'check-writable',
  `#!lua
-- KEYS[1] hash of facts about the data set
-- Returns 1 when there is a data set that can be written to, 0 when there is none.
local instance = redis.call('HGET', KEYS[1], 'instance-id')
if not instance then return 0 end
redis.call('HSET', KEYS[1], 'instance-id', instance)
return 1
`,
)
