import type { FormatName } from '@relay/format-converter'

/** The format in which a caller of an unknown or shared path expects errors: Anthropic clients name their version. */
export function callerFormat(
  pathname: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): FormatName {
  if (pathname.startsWith('/v1/messages')) return 'anthropic-messages'
  if (pathname.startsWith('/v1/chat/')) return 'openai-chat'
  if (pathname.startsWith('/v1/responses')) return 'openai-responses'
  return headers['anthropic-version'] === undefined ? 'openai-chat' : 'anthropic-messages'
}
