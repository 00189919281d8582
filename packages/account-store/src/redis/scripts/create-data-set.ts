import { script } from './script.ts'
import type { Script } from './script.ts'

/** Makes the data set, once. */
export const CREATE_DATA_SET: Script = script(
  'create-data-set',
  `#!lua
-- Writes the first facts of a data set, unless there is one: of two nodes that start at once the second uses the first one's.
--
-- KEYS[1] hash of facts about the data set
-- KEYS[2] hash revision -> token
-- KEYS[3+] keys that exist only in a data set; when one is there without KEYS[1], the data set is damaged
-- ARGV    name, value, name, value, ...
-- Returns 'made', 'there', or 'damaged'.
if redis.call('EXISTS', KEYS[1]) == 1 then return 'there' end
for index = 3, #KEYS do
  if redis.call('EXISTS', KEYS[index]) == 1 then return 'damaged' end
end
redis.call('HSET', KEYS[1], unpack(ARGV))
redis.call('HSET', KEYS[2], redis.call('HGET', KEYS[1], 'revision'), '')
return 'made'
`,
)
