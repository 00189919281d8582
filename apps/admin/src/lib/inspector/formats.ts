import type { FormatName } from '@relay/format-converter'

/** The formats that can be chosen, in the order in which they are offered. */
export const CONVERTIBLE: readonly FormatName[] = ['anthropic-messages', 'openai-chat', 'openai-responses']
