import type { Direction } from '../baselines/plain-converters.ts'
import type { Peer, PeerRequest, PeerStream } from './peer.ts'

/** What is used of it: a server that is not started, for the converters it holds. */
export type LlmsServer = new (options: { readonly logger: false }) => {
  readonly transformerService: { getTransformer(name: string): Transformer | undefined }
}

/** Chat is its middle: `In` and `Out` are to and from the side that a converter is for. */
interface Transformer {
  transformRequestOut(body: object): Promise<object>
  transformRequestIn(body: object): Promise<object>
  transformResponseOut(response: Response): Promise<Response>
  transformResponseIn(response: Response, context: object): Promise<Response>
}

/**
 * It has three directions in whole, and of Messages answers for Chat clients the stream (the request would ask a cloud
 * for its credentials). It has none for a Responses client; on identity paths its server passes the body on by itself.
 */
export function createLlmsPeer(name: string, Server: LlmsServer): Peer {
  const { transformerService } = new Server({ logger: false })
  const find = (key: string): Transformer => {
    const transformer = transformerService.getTransformer(key)
    if (transformer === undefined) throw new Error(`${name} has no converter named ${key}`)
    return transformer
  }
  const messages = find('Anthropic')
  const responses = find('openai-responses')
  const claude = find('vertex-claude')

  const streams: Readonly<Record<string, PeerStream>> = {
    [keyOf({ upstream: 'openai-chat', client: 'anthropic-messages' })]: (stream) =>
      pass(stream, (response) => messages.transformResponseIn(response, CONTEXT)),
    [keyOf({ upstream: 'openai-responses', client: 'openai-chat' })]: (stream) =>
      pass(stream, (response) => responses.transformResponseOut(response)),
    [keyOf({ upstream: 'openai-responses', client: 'anthropic-messages' })]: (stream) =>
      pass(stream, async (response) =>
        messages.transformResponseIn(await responses.transformResponseOut(response), CONTEXT),
      ),
    [keyOf({ upstream: 'anthropic-messages', client: 'openai-chat' })]: (stream) =>
      pass(stream, (response) => claude.transformResponseOut(response)),
  }
  const requests: Readonly<Record<string, PeerRequest>> = {
    [keyOf({ upstream: 'openai-chat', client: 'anthropic-messages' })]: (body) => messages.transformRequestOut(body),
    [keyOf({ upstream: 'openai-responses', client: 'openai-chat' })]: (body) => responses.transformRequestIn(body),
    [keyOf({ upstream: 'openai-responses', client: 'anthropic-messages' })]: async (body) =>
      responses.transformRequestIn(await messages.transformRequestOut(body)),
  }
  return { name, stream: (direction) => streams[keyOf(direction)], request: (direction) => requests[keyOf(direction)] }
}

/** What its log lines name. */
const CONTEXT = { req: { id: 'bench' } }

function keyOf({ upstream, client }: Direction): string {
  return `${upstream} ${client}`
}

async function pass(
  stream: ReadableStream<Uint8Array>,
  convert: (response: Response) => Promise<Response>,
): Promise<ReadableStream<Uint8Array>> {
  const headers = { 'content-type': 'text/event-stream' }
  const { body } = await convert(new Response(stream, { headers }))
  if (body === null) throw new Error('the converted answer has no body')
  return body
}
