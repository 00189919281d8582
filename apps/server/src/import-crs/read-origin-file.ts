import { readFileSync } from 'node:fs'

import { jsonFileTrouble } from '../config/json-file-trouble.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import type { OriginData, OriginDraft, OriginHash } from './origin-data.ts'
import { emptyOrigin } from './origin-data.ts'

/** Lists of objects that the origin's own exports have, and the keys their objects have in its Redis. */
const LISTS: ReadonlyMap<string, string> = new Map([
  ['apikeys', 'apikey:'],
  ['keys', 'apikey:'],
  ['claudeconsoleaccounts', 'claude_console_account:'],
  ['consoleaccounts', 'claude_console_account:'],
  ['ccraccounts', 'ccr_account:'],
  ['openairesponsesaccounts', 'openai_responses_account:'],
  ['claudeaccounts', 'claude:account:'],
  ['geminiaccounts', 'gemini_account:'],
  ['openaiaccounts', 'openai:account:'],
  ['accountgroups', 'account_group:'],
])

/**
 * Reads a JSON export: the origin's own (`{ metadata, data: { apiKeys: […] } }`), or a dump of its Redis
 * (`{ "apikey:1": { … } }`, or a list of `{ key, type, value }`). What it does not know it leaves out.
 *
 * @throws ExitError for a file that is no JSON, or holds nothing of the origin
 */
export function readOriginFile(path: string): OriginData {
  const draft = emptyOrigin()
  const value = parseFile(path)
  addAny(draft, value)
  if (isObject(value)) for (const name of ['data', 'redis', 'dump']) addAny(draft, value[name])
  if (draft.hashes.size === 0) {
    throw new ExitError(EXIT_CODES.failed, `${path} holds neither accounts nor keys of Claude Relay Service`)
  }
  return draft
}

function parseFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new ExitError(EXIT_CODES.failed, `${path} ${jsonFileTrouble(cause)}`, { cause })
  }
}

function addAny(draft: OriginDraft, value: unknown): void {
  if (Array.isArray(value)) addDumpedKeys(draft, value)
  else if (isObject(value)) for (const [name, member] of Object.entries(value)) addMember(draft, name, member)
}

/** A list of `{ key, type, value }`. */
function addDumpedKeys(draft: OriginDraft, entries: readonly unknown[]): void {
  for (const entry of entries) {
    if (!isObject(entry) || typeof entry['key'] !== 'string') continue
    addMember(draft, entry['key'], entry['value'] ?? entry['data'] ?? entry['fields'])
  }
}

function addMember(draft: OriginDraft, name: string, member: unknown): void {
  const prefix = LISTS.get(name.toLowerCase().replaceAll(/[^a-z]/g, ''))
  if (prefix !== undefined && !name.includes(':')) return addList(draft, prefix, member)
  if (!name.includes(':') && !name.startsWith('shared_')) return
  if (Array.isArray(member)) draft.sets.set(name, member.map(String))
  else if (isObject(member)) addKey(draft, name, member)
  else if (typeof member === 'string' || typeof member === 'number') draft.texts.set(name, String(member))
}

/** Some dumps wrap a value together with its type. */
function addKey(draft: OriginDraft, name: string, member: Readonly<Record<string, unknown>>): void {
  const { type, value } = member
  if (typeof type === 'string' && value !== undefined) addMember(draft, name, value)
  else draft.hashes.set(name, toHash(member))
}

/** A list of objects with an `id`, or an object by id. */
function addList(draft: OriginDraft, prefix: string, list: unknown): void {
  const entries = Array.isArray(list) ? list.map((value: unknown) => ['', value] as const) : Object.entries(list ?? {})
  for (const [name, value] of entries) {
    if (!isObject(value)) continue
    const id = typeof value['id'] === 'string' ? value['id'] : name
    if (id !== '') draft.hashes.set(prefix + id, toHash(value))
  }
}

/** Values as they are in Redis: texts; what was JSON inside a text is JSON inside a text again. */
function toHash(value: Readonly<Record<string, unknown>>): OriginHash {
  const entries = Object.entries(value).flatMap(([name, member]) => {
    if (member === null || member === undefined) return []
    return [[name, typeof member === 'string' ? member : JSON.stringify(member)] as const]
  })
  return Object.fromEntries(entries)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
