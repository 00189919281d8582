import { type Exchange, type JsonObject, type JsonValue, parseBody, toJsonText } from '@relay/format-converter'

import type { Envelope } from '../request/envelope.ts'
import { leaveOutOfPassing } from './leave-out.ts'

interface PassThrough {
  /** What the converter was given: the members it needs, or the whole body. */
  readonly source: JsonObject
  readonly exchange: Exchange
  /** Paths of members that the upstream does not take. */
  readonly refused: readonly string[]
}

/** A body as it is sent. */
export interface SentBody {
  readonly body: Uint8Array | string
  /** Paths of members that were left out. */
  readonly leftOut: readonly string[]
  /** The member of this name as it is sent. */
  readonly member: (name: string) => unknown
}

const LIMITS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens']

/** The received bytes; only the members that the converter or a rule changed are written anew. */
export function passThroughBody(envelope: Envelope, { source, exchange, refused }: PassThrough): SentBody {
  const { dialect, model } = exchange.profile
  const sent: JsonObject = exchange.request
  const edits = new Map<string, string | undefined>()
  for (const name of changedMembers(source, sent)) {
    if (name === 'stream_options' && !dialect.includeUsage) continue // an upstream that does not know it is not asked for usage
    const value = ownMember(sent, name)
    edits.set(name, value === undefined ? undefined : toJsonText(value))
  }
  limitOutput(edits, {
    asked: (name) => (edits.has(name) ? sent[name] : envelope.member(name)),
    max: model.maxOutputTokens,
  })
  const member = (name: string): unknown => (edits.has(name) ? parsedText(edits.get(name)) : envelope.member(name))
  const { changed, leftOut } = leaveOutOfPassing({ member, format: exchange.profile.format }, refused)
  for (const [name, value] of changed) edits.set(name, value === undefined ? undefined : toJsonText(value))
  return { body: envelope.withMembers(edits), leftOut, member }
}

function changedMembers(source: JsonObject, sent: JsonObject): readonly string[] {
  if (sent === source) return [] // the converter gives the very object back that it has not changed
  const names = new Set([...Object.keys(source), ...Object.keys(sent)])
  return [...names].filter((name) => ownMember(sent, name) !== ownMember(source, name))
}

function parsedText(text: string | undefined): unknown {
  return text === undefined ? undefined : parseBody(text)
}

interface OutputLimit {
  readonly asked: (name: string) => unknown
  readonly max: number | undefined
}

function limitOutput(edits: Map<string, string | undefined>, { asked, max }: OutputLimit): void {
  if (max === undefined) return
  for (const name of LIMITS) {
    const tokens = asked(name)
    if (typeof tokens === 'number' && tokens > max) edits.set(name, String(max))
  }
}

function ownMember(body: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(body, name) ? body[name] : undefined
}
