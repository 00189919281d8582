import { EXIT_CODES, ExitError } from '../exit-error.ts'
import type { OriginData, OriginDraft } from './origin-data.ts'
import { emptyOrigin } from './origin-data.ts'
import type { OriginAddress, ReadCommand, ReadOnlyRedis } from './read-only-redis.ts'
import { openReadOnlyRedis } from './read-only-redis.ts'
import type { RespValue } from './resp.ts'

/** Keys that are read; everything else is left alone. */
const PATTERNS = [
  'apikey:*',
  'claude_console_account:*',
  'ccr_account:*',
  'openai_responses_account:*',
  'account_group:*',
  'account_group_members:*',
  'usage:*',
  // Only counted: what they hold does not come over.
  'claude:account:*',
  'gemini_account:*',
  'gemini_api_account:*',
  'openai:account:*',
  'azure_openai:account:*',
  'bedrock_account:*',
  'droid:account:*',
] as const

/** Sums over all keys or by the hour, which are in others already: reading them would only take time. */
const LEFT_OUT = /^usage:(?:global|model|hourly|metrics|system|opus|records|account|index|keymodel)[:_]|:hourly:/

const SCAN_COUNT = '1000'
const CHUNK = 500

/**
 * Reads what the origin keeps in Redis, in small steps, and changes nothing.
 *
 * @param onProgress - told how many keys were read
 * @throws ExitError
 */
export async function readOriginRedis(
  address: OriginAddress,
  onProgress?: (keys: number) => void,
): Promise<OriginData> {
  const redis = await openReadOnlyRedis(address)
  const draft = emptyOrigin()
  try {
    const keys = new Set<string>()
    for (const pattern of PATTERNS) for (const key of await scan(redis, pattern)) keys.add(key)
    // in one order, whatever that of the server: names that are taken twice get the same number in every run
    const wanted = [...keys].filter((key) => !LEFT_OUT.test(key)).toSorted()
    for (let start = 0; start < wanted.length; start += CHUNK) {
      await readChunk(redis, draft, wanted.slice(start, start + CHUNK))
      onProgress?.(Math.min(start + CHUNK, wanted.length))
    }
    if (draft.hashes.size === 0) throw nothingThere(address)
    return draft
  } finally {
    redis.close()
  }
}

function nothingThere({ url }: OriginAddress): ExitError {
  const database = url.pathname.length > 1 ? url.pathname.slice(1) : '0'
  const message = `database ${database} of this Redis holds neither accounts nor keys of Claude Relay Service`
  return new ExitError(EXIT_CODES.failed, message)
}

async function scan(redis: ReadOnlyRedis, pattern: string): Promise<readonly string[]> {
  const found: string[] = []
  let cursor = '0'
  do {
    const [answer] = await redis.read([['SCAN', cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT]])
    const [next, keys] = listOf(answer)
    cursor = typeof next === 'string' ? next : '0'
    found.push(...textsOf(keys))
  } while (cursor !== '0')
  return found
}

const READERS: ReadonlyMap<string, ReadCommand> = new Map([
  ['hash', 'HGETALL'],
  ['string', 'GET'],
  ['set', 'SMEMBERS'],
])

async function readChunk(redis: ReadOnlyRedis, draft: OriginDraft, keys: readonly string[]): Promise<void> {
  const types = await redis.read(keys.map((key) => ['TYPE', key] as const))
  const readable = keys.flatMap((key, index) => {
    const command = READERS.get(nameOf(types[index]))
    return command === undefined ? [] : [{ key, command }]
  })
  const values = await redis.read(readable.map(({ key, command }) => [command, key] as const))
  for (const [index, { key, command }] of readable.entries()) addValue(draft, { key, command }, values[index] ?? null)
}

function addValue(draft: OriginDraft, { key, command }: { key: string; command: ReadCommand }, value: RespValue): void {
  if (command === 'GET' && typeof value === 'string') draft.texts.set(key, value)
  if (command === 'SMEMBERS') draft.sets.set(key, textsOf(value))
  if (command !== 'HGETALL') return
  const parts = textsOf(value)
  const pairs = parts.flatMap((name, index) => (index % 2 === 0 ? [[name, parts[index + 1] ?? ''] as const] : []))
  if (pairs.length > 0) draft.hashes.set(key, Object.fromEntries(pairs))
}

function textsOf(value: RespValue | undefined): readonly string[] {
  return listOf(value).filter((entry) => typeof entry === 'string')
}

function listOf(value: RespValue | undefined): readonly RespValue[] {
  // The only list among the answers.
  return Array.isArray(value) ? (value as readonly RespValue[]) : []
}

function nameOf(value: RespValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
