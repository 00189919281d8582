import type { FormatName } from '@relay/format-converter'

/** The formats that commands take and give. */
export const FORMATS: readonly FormatName[] = ['anthropic-messages', 'openai-chat', 'openai-responses']
