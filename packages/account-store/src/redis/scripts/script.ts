import { createHash } from 'node:crypto'

/** A Lua program that Redis runs as one step. */
export interface Script {
  readonly name: string
  readonly text: string
  /** SHA-1 of the text, by which Redis knows a script it has seen. */
  readonly digest: string
}

/**
 * Names a program.
 *
 * @param text - begins with a comment that says what KEYS, ARGV and the answer are
 */
export function script(name: string, text: string): Script {
  // Redis wants the shebang in the very first line.
  const program = text.trimStart()
  return { name, text: program, digest: createHash('sha1').update(program).digest('hex') }
}

/**
 * Lua: `clock(given)` is the time in milliseconds since the epoch: the given one, or that of the Redis server where none is
 * given, so that all nodes count by one clock.
 */
export const CLOCK = `
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`
