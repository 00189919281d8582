import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { FormatName } from '@relay/format-converter'
import { buildAnswer, type AnswerContent } from '@relay/format-converter/testing'

/** Where an example's requests go. */
export interface Upstream {
  /** Up to and including the version segment. */
  readonly url: string
  readonly key: string
  readonly model: string
  /** Nobody knows what a real model says: then there is nothing to check. */
  readonly isFake: boolean
  close(): void
}

/** Says what the server answers to a body. */
export type Answering = (body: string) => AnswerContent

/** The server that the environment names, or else one of this format on this machine that answers as it is told. */
export async function openUpstream(format: FormatName, answering: Answering): Promise<Upstream> {
  const { UPSTREAM_URL: url, UPSTREAM_KEY: key = '', UPSTREAM_MODEL: model = '' } = process.env
  if (url !== undefined) return { url, key, model, isFake: false, close: () => undefined }
  const server = createServer((request, response) => void answer(request, response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo // a TCP server's address
  return {
    url: `http://127.0.0.1:${port}/v1`,
    key: 'local',
    model: 'test-model',
    isFake: true,
    close: () => server.close(),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const { body, stream } = buildAnswer(format, answering(text))
    const isStream = /"stream": ?true/.test(text)
    response.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json')
    response.end(isStream ? stream : JSON.stringify(body))
  }
}
