import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { Pool } from 'undici'

import { announce } from '../relay/announce.ts'
import { createPlainConverter } from './plain-converters.ts'

/**
 * The least that converts: bare `node:http`, undici's `dispatch`, the plain converter, one write a read. No key, no
 * limits, no account, no usage, no log, no time limit, no check of anything. Takes the upstream's URL.
 */
const pool = new Pool(process.argv[2] ?? '')

interface Question {
  readonly model: string
  readonly messages: unknown
}

const server = createServer((incoming, outgoing) => void serve(incoming, outgoing))
announce(server)

async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { model, messages } = JSON.parse(await text(incoming)) as Question
  const converter = createPlainConverter({ upstream: 'openai-chat', client: 'anthropic-messages' })
  pool.dispatch(
    {
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages, stream: true }),
    },
    {
      onRequestStart: (controller) => outgoing.on('close', () => controller.abort(new Error('the client has left'))),
      onResponseStart: () => void outgoing.writeHead(200, { 'content-type': 'text/event-stream' }),
      onResponseData: (controller, chunk) => {
        if (outgoing.write(converter.push(chunk))) return
        controller.pause()
        outgoing.once('drain', () => controller.resume())
      },
      onResponseEnd: () => void outgoing.end(),
      onResponseError: () => void outgoing.destroy(),
    },
  )
}
