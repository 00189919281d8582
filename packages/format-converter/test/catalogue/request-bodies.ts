import {
  createConverter,
  profiles,
  type ConversionOptions,
  type FormatName,
  type JsonObject,
  type Loss,
  type ProfileOverrides,
} from '../../src/index.ts'
import type { Loose } from '../../src/testing/loose.ts'

/** What a test looks at: the upstream's body, freely, and the losses. */
export interface SentRequest {
  readonly body: Loose
  readonly losses: readonly Loss[]
  /** `code:level` of each loss. */
  readonly marks: readonly string[]
}

/** How the upstream is set up. */
export interface Setup {
  /** The model's name upstream; it chooses the profile. */
  readonly model?: string
  readonly profile?: ProfileOverrides
  readonly options?: Partial<ConversionOptions>
  readonly issuer?: string
}

/** A Chat client's request as a Messages upstream gets it. */
export function toMessages(request: JsonObject, setup: Setup = {}): SentRequest {
  const body = { model: setup.model ?? 'claude-opus-4-6', messages: [{ role: 'user', content: 'hi' }], ...request }
  return send(body, { ...setup, client: 'openai-chat', upstream: 'anthropic-messages' })
}

/** A Messages client's request as a Chat upstream gets it. */
export function toChat(request: JsonObject, setup: Setup = {}): SentRequest {
  const body = {
    model: setup.model ?? 'gpt-5.2',
    max_tokens: 1_000,
    messages: [{ role: 'user', content: 'hi' }],
    ...request,
  }
  return send(body, { ...setup, client: 'anthropic-messages', upstream: 'openai-chat' })
}

function send(
  body: JsonObject,
  { client, upstream, profile, options, issuer }: Setup & { client: FormatName; upstream: FormatName },
): SentRequest {
  const exchange = createConverter({
    client,
    upstream,
    options,
    seals: { issuer },
    profile: (model) => profiles.resolve(upstream, model, profile),
  }).exchange(body)
  return {
    body: exchange.request,
    losses: exchange.losses,
    marks: exchange.losses.map((loss) => `${loss.code}:${loss.level}`),
  }
}

/** A Chat function tool. */
export function chatTool(name: string, parameters?: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'function', function: { name, ...(parameters !== undefined && { parameters }), ...more } }
}

/** A Chat assistant message that calls one tool. */
export function chatCall(id: string, name = 'look', args = '{}'): JsonObject {
  return {
    role: 'assistant',
    content: null,
    tool_calls: [{ id, type: 'function', function: { name, arguments: args } }],
  }
}

/** A Chat tool message. */
export function chatResult(id: string, content: string = 'seen'): JsonObject {
  return { role: 'tool', tool_call_id: id, content }
}

/** A Messages assistant turn that calls one tool. */
export function toolUse(id: string, name = 'look', input: JsonObject = {}): JsonObject {
  return { role: 'assistant', content: [{ type: 'tool_use', id, name, input }] }
}

/** A Messages user turn with one tool result. */
export function toolResult(id: string, more: JsonObject = {}): JsonObject {
  return { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, ...more }] }
}

/** A PNG of one pixel. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** The beginning of a PDF. */
export const PDF = 'JVBERi0xLjQKJcOkw7zDtsOf'
