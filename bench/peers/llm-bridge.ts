import type { BenchFormat } from '../baselines/plain-converters.ts'
import type { Peer, PeerStream } from './peer.ts'

/** What is used of it. */
export interface LlmBridge {
  handleUniversalStreamRequest(
    stream: ReadableStream<Uint8Array>,
    source: string,
    target: string,
  ): ReturnType<PeerStream>
  translateBetweenProviders(from: string, to: string, body: object): unknown
}

const NAMES: Readonly<Record<BenchFormat, string>> = {
  'anthropic-messages': 'anthropic',
  'openai-chat': 'openai',
  'openai-responses': 'openai-responses',
}

/** It has all directions, through a shape of its own, the identity paths included. */
export function createLlmBridgePeer(name: string, library: LlmBridge): Peer {
  return {
    name,
    stream:
      ({ upstream, client }) =>
      (stream) =>
        library.handleUniversalStreamRequest(stream, NAMES[upstream], NAMES[client]),
    request:
      ({ upstream, client }) =>
      (body) =>
        library.translateBetweenProviders(NAMES[client], NAMES[upstream], body),
  }
}
