import { hash } from 'node:crypto'

import type { RelayKey } from '@relay/account-store'

import { sessionOf } from '../../meter/usage-record.ts'
import type { LiveRequest } from '../live-request.ts'
import { memberOf } from '../member-of.ts'
import type { Envelope } from './envelope.ts'

/** A request and who asks. */
export interface ConversationRequest {
  readonly live: AskingClient
  readonly envelope: Envelope
  readonly key: Pick<RelayKey, 'id' | 'permissions'>
}

/** What of a request is looked at when its account is chosen. */
export interface AskingClient extends Pick<LiveRequest, 'format' | 'path'> {
  readonly incoming: Pick<LiveRequest['incoming'], 'headers'>
}

/** Bytes of a prompt's beginning by which a conversation is known; shorter ones are in no prompt cache either. */
const PREFIX_BYTES = 4096

const MAX_NAME_CHARACTERS = 200

/**
 * What a session goes by, for its relay key and each of its models only, since an agent asks others on the side: the client's own words for it (headers, the session in `metadata`, the
 * prompt cache key), else how it opens, where proofs of reasoning will come back that one account alone can verify, else the
 * beginning of its prompt, which stays the same as the conversation grows.
 */
export function sessionName({ live, envelope, key }: ConversationRequest): string | undefined {
  const session =
    sessionOf(live) ??
    sessionInMetadata(envelope.member('metadata')) ??
    named(envelope.member('prompt_cache_key')) ??
    openingName(envelope) ??
    prefixName(envelope)
  return session === undefined ? undefined : `${key.id} ${session} ${envelope.model}`
}

/** Claude Code puts JSON with a `session_id` into `metadata.user_id`; earlier versions a text that ends in it. */
function sessionInMetadata(metadata: unknown): string | undefined {
  const userId = memberOf(metadata, 'user_id')
  if (typeof userId !== 'string') return undefined
  const inText = /session_[\w-]{8,}$/.exec(userId)?.[0]
  if (inText !== undefined || !userId.startsWith('{')) return inText
  try {
    return named(memberOf(JSON.parse(userId), 'session_id'))
  } catch {
    return undefined // a user id that only looks like JSON
  }
}

function named(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME_CHARACTERS) : undefined
}

/** A conversation by its instructions and the first words of its user, where these are short. */
function openingName(envelope: Envelope): string | undefined {
  if (!asksForProofs(envelope)) return undefined
  const turns = envelope.member('messages') ?? envelope.member('input')
  const first = Array.isArray(turns) ? turns.slice(0, turns.findIndex(isOfUser) + 1) : turns
  const words = [envelope.member('system'), envelope.member('instructions'), first].map((part) =>
    wordsOf(part, MAX_LEVELS),
  )
  const isShort = words[2] !== '' && words.join('').length < PREFIX_BYTES
  return isShort ? `opening ${hash('sha256', JSON.stringify(words)).slice(0, 32)}` : undefined
}

function asksForProofs(envelope: Envelope): boolean {
  const thinking = memberOf(envelope.member('thinking'), 'type')
  if (typeof thinking === 'string') return thinking !== 'disabled'
  const include = envelope.member('include')
  return Array.isArray(include) && include.includes('reasoning.encrypted_content')
}

function isOfUser(turn: unknown): boolean {
  return memberOf(turn, 'role') === 'user'
}

/** A list of turns, a turn, its blocks, and what is in them; a hostile body goes deeper than the stack. */
const MAX_LEVELS = 10

/** Without what moves as a conversation grows, such as marks of the cache. */
function wordsOf(value: unknown, levels: number): string {
  if (typeof value === 'string') return value
  if (levels === 0) return ''
  if (Array.isArray(value)) return value.map((each) => wordsOf(each, levels - 1)).join(' ')
  const inner = memberOf(value, 'content') ?? memberOf(value, 'text')
  return inner === undefined ? '' : wordsOf(inner, levels - 1)
}

function prefixName(envelope: Envelope): string | undefined {
  if (envelope.bytes.length < PREFIX_BYTES) return undefined
  const parts: Uint8Array[] = []
  let missing = PREFIX_BYTES
  for (const name of ['system', 'instructions', 'messages', 'input']) {
    const part = envelope.beginningOf(name, missing)
    parts.push(part)
    missing -= part.length
    if (missing === 0) return `prefix ${hash('sha256', Buffer.concat(parts)).slice(0, 32)}`
  }
  return undefined
}
