import type { Account } from '@relay/account-store'
import { chooseUpstreamFormat, UpstreamError, type UpstreamChoice } from '@relay/upstreams'

/** A request that passes as it is. */
export interface Passage {
  /** Beside the endpoints of the formats, e.g. `/embeddings`. */
  readonly path: string
  /** Of the body, with its boundary. */
  readonly contentType: string
}

/** Where an account has such endpoints; `undefined` for one that does not speak OpenAI's API. */
export function passageChoice(account: Account): UpstreamChoice | undefined {
  try {
    const choice = chooseUpstreamFormat(account, 'openai-chat')
    return choice.format === 'anthropic-messages' ? undefined : choice
  } catch (error) {
    if (UpstreamError.is(error)) return undefined // it has no address
    throw error
  }
}
