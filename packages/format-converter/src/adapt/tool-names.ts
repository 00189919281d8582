import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, Tool } from '../model/chat-request.ts'
import type { ArgumentShape } from '../wire/argument-text.ts'
import { hashText } from '../wire/hash.ts'
import type { AdaptContext } from './adapt-context.ts'
import { shapeOf } from './argument-shape.ts'

/** What the client calls a tool that goes by another name, or in another form, upstream. */
export interface ToolNameEntry {
  readonly wireName: string
  readonly name: string
  readonly namespace?: string
  readonly form: 'json' | 'free'
  /** How the arguments differ; absent = not at all. */
  readonly arguments?: ArgumentShape
}

/** The names of one request's tools, in both directions. Belongs to one exchange and is never shared. */
export interface ToolNames {
  /** Only tools that differ from what the client calls them; plain JSON. */
  readonly entries: readonly ToolNameEntry[]
  /** The client's name for a name on the wire; `undefined` = they are the same. */
  restore(wireName: string): Omit<ToolNameEntry, 'wireName'> | undefined
  /** The name on the wire for a client's name; of a member of a namespace also alone, where no other tool has it. */
  wireName(name: string, namespace?: string): string
}

/** 16 digits of hash and the underscore before them. */
const HASH_LENGTH = 17

/** A name as somebody in the request says it. */
interface Mention {
  readonly name: string
  readonly namespace: string | undefined
}

/**
 * Decides the wire names of all tools that a request declares or mentions.
 *
 * @throws ConversionError `invalid_request` when two tools are declared under one name
 */
export function planToolNames(request: ChatRequest, context: AdaptContext): ToolNames {
  refuseTwins(request.tools)
  const { nameLimit } = context.profile.dialect
  const originals = new Map<string, Mention>()
  for (const mention of mentions(request)) originals.set(keyOf(mention.name, mention.namespace), mention)

  const owners = new Map<string, number>()
  for (const mention of originals.values()) {
    const plain = plainName(mention, nameLimit)
    owners.set(plain, (owners.get(plain) ?? 0) + 1)
  }
  const wireNames = new Map<string, string>()
  for (const [key, mention] of originals) {
    const plain = plainName(mention, nameLimit)
    const isShared = (owners.get(plain) ?? 0) > 1
    wireNames.set(key, isShared ? hashedName(mention, nameLimit) : plain)
  }
  return createToolNames(request, wireNames, context)
}

function createToolNames(
  request: ChatRequest,
  wireNames: ReadonlyMap<string, string>,
  context: AdaptContext,
): ToolNames {
  const limit = context.profile.dialect.nameLimit
  const namespaces = namespacesOfMembers(request.tools)
  const wireName = (name: string, namespace = namespaces.get(name)): string =>
    wireNames.get(keyOf(name, namespace)) ?? plainName({ name, namespace }, limit)
  const entries = new Map<string, ToolNameEntry>()
  for (const tool of request.tools) {
    if (tool.type === 'server') continue
    const wire = wireName(tool.name, tool.namespace)
    const form = tool.type === 'custom' ? 'free' : 'json'
    const shape = shapeOf(tool, context)
    if (wire === tool.name && tool.namespace === undefined && form === 'json' && shape === undefined) continue
    const { name, namespace } = tool
    entries.set(wire, {
      wireName: wire,
      name,
      ...(namespace !== undefined && { namespace }),
      form,
      ...(shape !== undefined && { arguments: shape }),
    })
  }
  return { entries: [...entries.values()], restore: (name) => entries.get(name), wireName }
}

/** By names that one tool has alone, and that tool stands in a namespace: agents leave it out where they need not say it. */
function namespacesOfMembers(tools: readonly Tool[]): ReadonlyMap<string, string | undefined> {
  const namespaces = new Map<string, string | undefined>()
  for (const tool of tools) {
    const namespace = tool.type === 'server' || namespaces.has(tool.name) ? undefined : tool.namespace
    namespaces.set(tool.name, namespace)
  }
  return namespaces
}

/** Two tools of one name could not be told apart in the answer. */
function refuseTwins(tools: readonly Tool[]): void {
  const seen = new Set<string>()
  for (const tool of tools) {
    if (tool.type === 'server') continue
    const key = keyOf(tool.name, tool.namespace)
    if (seen.has(key)) {
      throw ConversionError.at(
        tool.path,
        'invalid_request',
        'two tools have the same name (tool_name_collision); names must be unique',
      )
    }
    seen.add(key)
  }
}

/** Names of declared tools, and names that only the history knows: all share one space. */
function mentions(request: ChatRequest): Mention[] {
  const found: Mention[] = []
  for (const tool of request.tools)
    if (tool.type !== 'server') found.push({ name: tool.name, namespace: tool.namespace })
  for (const turn of request.turns) {
    for (const part of turn.parts)
      if (part.type === 'tool-call') found.push({ name: part.name, namespace: part.namespace })
  }
  return found
}

function plainName(mention: Mention, limit: number): string {
  const full = fullName(mention)
  const safe = full.replaceAll(/[^a-zA-Z0-9_-]/g, '_')
  return safe.length > limit || safe === '' ? hashedName(mention, limit) : safe
}

function hashedName(mention: Mention, limit: number): string {
  const full = fullName(mention)
  const safe = full.replaceAll(/[^a-zA-Z0-9_-]/g, '_')
  // Two namespaces may flatten to one name: the hash must know where the namespace ends.
  return `${safe.slice(0, limit - HASH_LENGTH)}_${hashText(keyOf(mention.name, mention.namespace), 2)}`
}

function fullName({ name, namespace }: Mention): string {
  return namespace === undefined ? name : `${namespace}__${name}`
}

function keyOf(name: string, namespace: string | undefined): string {
  return namespace === undefined ? name : `${namespace}\u0000${name}`
}
