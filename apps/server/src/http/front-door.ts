import type { IncomingMessage, RequestListener } from 'node:http'

import type { FormatName } from '@relay/format-converter'

import type { MemoryGauge } from '../observe/memory-gauge.ts'
import { troubleOf, unroutable } from './check-head.ts'
import { generate, type GenerateRooms } from './generate.ts'
import { refuseRequest } from './refuse-connection.ts'
import { serveRequest } from './serve-request.ts'

/** What the door looks at. */
export interface FrontDoorRooms extends GenerateRooms {
  readonly memory: MemoryGauge
}

/** The paths that nearly all requests ask for, as their clients write them. */
const STRAIGHT: ReadonlyMap<string, FormatName> = new Map([
  ['/v1/messages', 'anthropic-messages'],
  ['/v1/chat/completions', 'openai-chat'],
  ['/v1/responses', 'openai-responses'],
])

/**
 * Leads requests of the model API straight to their handler: the router with its middleware costs more than reading such a
 * request does. Whatever is unusual about a request, from its path's spelling to a shortage of memory, goes to the router.
 */
export function createFrontDoor(rooms: FrontDoorRooms, router: RequestListener): RequestListener {
  const route: RequestListener = (incoming, outgoing) => {
    const refusal = unroutable(incoming)
    if (refusal === undefined) router(incoming, outgoing)
    else refuseRequest(incoming, outgoing, refusal)
  }
  return (incoming, outgoing) => {
    const path = pathOf(incoming.url ?? '')
    const format = incoming.method === 'POST' ? STRAIGHT.get(path) : undefined
    if (format === undefined || !isUsual(incoming, rooms.memory)) return route(incoming, outgoing)
    serveRequest({ incoming, outgoing, path }, rooms, {
      format,
      isLookup: false,
      answer: (live) => generate(rooms, live),
    })
  }
}

function isUsual(incoming: IncomingMessage, memory: MemoryGauge): boolean {
  return memory.level() === 'roomy' && incoming.headers.host !== undefined && troubleOf(incoming) === undefined
}

function pathOf(url: string): string {
  const at = url.indexOf('?')
  return at === -1 ? url : url.slice(0, at)
}
