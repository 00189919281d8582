import { createConverter, type JsonObject } from '@relay/format-converter'
import { toAnthropicUsage } from '@relay/format-converter/usage'

import type { LiveRequest } from '../live-request.ts'
import { newPlainId } from '../request-ids.ts'
import type { Envelope } from '../request/envelope.ts'
import { wayHeaders } from './answer-headers.ts'

const FORMAT = 'anthropic-messages'

/** The model itself is said to have called the tool. */
const DIRECT = { type: 'direct' }

/**
 * Answers a request that is nothing but a search of the web, where no account can search: with the error that the format
 * has for that, and not with a text that would pass for a result.
 *
 * @remarks Source: Anthropic, web search tool, `web_search_tool_result_error`.
 */
export function answerSearchError(live: LiveRequest, envelope: Envelope): void {
  const { outgoing, facts } = live
  const body = searchError(envelope)
  const isStream = envelope.isStream
  const text = isStream ? asStream(envelope, body) : JSON.stringify(body)
  facts.bytesOut = Buffer.byteLength(text)
  outgoing.writeHead(200, {
    ...wayHeaders(live),
    'cache-control': 'no-cache',
    'content-type': isStream ? 'text/event-stream; charset=utf-8' : 'application/json',
    ...(isStream ? {} : { 'content-length': facts.bytesOut }),
  })
  outgoing.end(text)
  live.finish({ reason: 'completed', status: 200 })
}

function searchError({ model }: Envelope): JsonObject {
  const id = `srvtoolu_${newPlainId()}`
  const error = { type: 'web_search_tool_result_error', error_code: 'unavailable' }
  return {
    id: `msg_${newPlainId()}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [
      { type: 'server_tool_use', id, name: 'web_search', input: {}, caller: DIRECT },
      { type: 'web_search_tool_result', tool_use_id: id, content: error, caller: DIRECT },
    ],
    stop_reason: 'end_turn',
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: toAnthropicUsage({ inputUncached: 0, output: 0 }),
  }
}

function asStream({ model }: Envelope, body: JsonObject): string {
  const converter = createConverter({ client: FORMAT, upstream: FORMAT })
  const exchange = converter.exchange({ model, max_tokens: 1, messages: [], stream: true }, { model })
  const events = exchange.explode(body)
  return events.map((event) => `event: ${nameOf(event)}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

function nameOf(event: unknown): string {
  return typeof event === 'object' && event !== null && 'type' in event ? String(event.type) : 'message'
}
