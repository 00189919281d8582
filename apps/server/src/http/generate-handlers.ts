import type { HttpBindings } from '@hono/node-server'
import type { FormatName } from '@relay/format-converter'
import type { Handler } from 'hono'

import { generate, type GenerateRooms } from './generate.ts'
import { serveContext } from './serve-context.ts'

/** `POST /v1/messages`, `POST /v1/chat/completions` and `POST /v1/responses`, where the front door did not lead there. */
export function createGenerateHandler(rooms: GenerateRooms, format: FormatName): Handler<{ Bindings: HttpBindings }> {
  return (context) => serveContext(context, rooms, { format, isLookup: false, answer: (live) => generate(rooms, live) })
}

/** `POST /v1/responses/compact`: makes a conversation shorter, at an upstream that can. */
export function createCompactHandler(rooms: GenerateRooms): Handler<{ Bindings: HttpBindings }> {
  const format = 'openai-responses'
  return (context) =>
    serveContext(context, rooms, {
      format,
      isLookup: false,
      answer: (live) => generate(rooms, live, { nativePath: '/compact' }),
    })
}
