import type { HttpBindings } from '@hono/node-server'
import type { Handler } from 'hono'

import { openFormEnvelope } from '../relay/passage/form-envelope.ts'
import { openEnvelope, type Envelope } from '../relay/request/envelope.ts'
import { ServerError } from '../server-error.ts'
import { generate, type GenerateRooms } from './generate.ts'
import { serveContext } from './serve-context.ts'

/** What the service takes where a client names no model: it is needed to find an account, and never written. */
const DEFAULT_MODELS: Readonly<Record<string, string>> = {
  '/v1/moderations': 'omni-moderation-latest',
  '/v1/images/generations': 'dall-e-2',
  '/v1/images/edits': 'dall-e-2',
  '/v1/images/variations': 'dall-e-2',
}

/** Clients of all these endpoints speak OpenAI's words. */
const FORMAT = 'openai-chat'

/** `POST` of one of `PASSAGE_PATHS`. */
export function createPassageHandler(rooms: GenerateRooms, path: string): Handler<{ Bindings: HttpBindings }> {
  const defaultModel = DEFAULT_MODELS[path]
  return (context) =>
    serveContext(context, rooms, {
      format: FORMAT,
      isLookup: false,
      answer: (live) => {
        const contentType = live.incoming.headers['content-type'] ?? 'application/json'
        const passage = { path: path.slice('/v1'.length), contentType }
        const open = (bytes: Uint8Array): Envelope => openBody(bytes, contentType, defaultModel)
        return generate(rooms, live, { open, passage, isForm: isForm(contentType) })
      },
    })
}

function openBody(bytes: Uint8Array, contentType: string, defaultModel: string | undefined): Envelope {
  if (isForm(contentType)) return openFormEnvelope(bytes, { contentType, defaultModel })
  if (kindOf(contentType) === 'application/json')
    return openEnvelope(bytes, { format: FORMAT, isPassage: true, defaultModel })
  const message = 'the content type must be application/json or multipart/form-data'
  throw new ServerError('invalid_request', message, { status: 415 })
}

function isForm(contentType: string): boolean {
  return kindOf(contentType) === 'multipart/form-data'
}

function kindOf(contentType: string): string | undefined {
  return contentType.split(';', 1)[0]?.trim().toLowerCase()
}
