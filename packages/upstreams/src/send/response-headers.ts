import type { UpstreamHeaders } from './upstream-call.ts'

/** Headers as undici has parsed them: names in lower case, Latin-1, an array where a name came more than once. */
export function readResponseHeaders(parsed: Readonly<Record<string, string | string[] | undefined>>): UpstreamHeaders {
  const headers = new Map<string, string>()
  for (const name of Object.keys(parsed)) {
    const value = parsed[name]
    if (value !== undefined) headers.set(name, typeof value === 'string' ? value : value.join(', '))
  }
  return headers
}
