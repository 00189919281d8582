import { ConversionError } from '../conversion-error.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { createSseDecoder } from '../sse/decode-sse.ts'
import { parseJson, toJsonText } from '../wire/raw-json.ts'
import type { StreamConverter } from './answer-stream.ts'

/**
 * A whole answer as the events that a stream of the client's format would have.
 *
 * @param stream - a stream that has not begun, from the upstream's format to the client's
 * @throws ConversionError when the body is an error or no answer
 */
export function explodeAnswer(stream: StreamConverter, body: unknown): readonly (JsonObject | '[DONE]')[] {
  const bytes = new TextEncoder().encode(isJsonObject(body) ? toJsonText(body) : '{}')
  const events: (JsonObject | '[DONE]')[] = []
  const sse = createSseDecoder({
    onMessage: ({ data }) => {
      const event = data === '[DONE]' ? data : parseJson(data)
      if (event === '[DONE]' || isJsonObject(event)) events.push(event)
    },
    onOverflow: (message) => {
      throw new ConversionError('overflow', message)
    },
  })
  sse.push(stream.push(bytes))
  sse.push(stream.end())
  sse.end()
  if (stream.error === undefined) return events
  throw ConversionError.of(stream.error)
}
