import Anthropic from '@anthropic-ai/sdk'

import type { UpstreamProfile } from '../adapt/profile.ts'
import { profiles } from '../adapt/profiles.ts'
import type { DecodeAnswerContext, EncodeAnswerContext } from '../codec.ts'
import type { LossReport } from '../model/loss.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import type { Loose } from './loose.ts'

/** The profile of a current Claude model. */
export const CLAUDE_PROFILE: UpstreamProfile = profiles.resolve('anthropic-messages', 'claude-opus-5')

/** An answer decoder's context that collects its losses. */
export function decodingContext(
  losses: LossReport[] = [],
  overrides: Partial<DecodeAnswerContext> = {},
): DecodeAnswerContext {
  let ids = 0
  return {
    profile: CLAUDE_PROFILE,
    newId: () => `minted${(ids += 1)}`,
    stop: [],
    report: (loss) => losses.push(loss),
    ...overrides,
  }
}

/** An answer encoder's context that collects its losses. */
export function encodingContext(
  losses: LossReport[] = [],
  overrides: Partial<EncodeAnswerContext> = {},
): EncodeAnswerContext {
  let ids = 0
  return {
    model: 'requested-model',
    id: 'answer',
    newId: () => `minted${(ids += 1)}`,
    createdSeconds: 1_700_000_000,
    nowSeconds: () => 1_700_000_000,
    options: DEFAULT_OPTIONS,
    showsReasoning: true,
    wantsStreamUsage: true,
    usesLegacyFunctions: false,
    upstreamFormat: 'openai-chat',
    report: (loss) => losses.push(loss),
    ...overrides,
  }
}

/** What the official SDK makes of a Messages stream; throws where the SDK throws. */
export async function judgeMessagesStream(sse: string): Promise<Anthropic.Message> {
  const client = new Anthropic({
    apiKey: 'not-a-key',
    maxRetries: 0,
    fetch: async () => new Response(sse, { headers: { 'content-type': 'text/event-stream' } }),
  })
  const stream = client.messages.stream({
    model: 'requested-model',
    max_tokens: 1,
    messages: [{ role: 'user', content: 'x' }],
  })
  const { parsed_output: _, ...message } = await stream.finalMessage()
  return JSON.parse(JSON.stringify(message)) // as plain data, without what the SDK adds for its own use
}

/** One event of a stream, its body looked at freely. */
export interface SeenEvent {
  readonly event: string | undefined
  readonly data: Loose
}

/** The events of a stream, in order. */
export function readSse(sse: string): SeenEvent[] {
  return sse
    .split('\n\n')
    .filter((frame) => frame.includes('data:'))
    .map((frame) => {
      const lines = frame.split('\n')
      const event = lines
        .find((line) => line.startsWith('event:'))
        ?.slice(6)
        .trim()
      const data =
        lines
          .find((line) => line.startsWith('data:'))
          ?.slice(5)
          .trim() ?? ''
      return { event, data: data === '[DONE]' ? data : JSON.parse(data) }
    })
}
