import { script } from './script.ts'
import type { Script } from './script.ts'

/** Finds a relay key by the digest of its secret. */
export const FIND_RELAY_KEY: Script = script(
  'find-relay-key',
  `#!lua flags=no-writes
-- KEYS[1] hash of facts about the data set
-- KEYS[2] hash digest -> key id
-- KEYS[3] hash key id -> row
-- ARGV[1] the digest in hex
-- Returns {instance id or false, row or false}.
local instance = redis.call('HGET', KEYS[1], 'instance-id')
local id = redis.call('HGET', KEYS[2], ARGV[1])
if not id then return {instance, false} end
return {instance, redis.call('HGET', KEYS[3], id)}
`,
)
