import type { Dispatcher } from 'undici'

import type { UpstreamHeaders } from './upstream-call.ts'

/** Headers as undici hands them over: Latin-1 buffers, names and values alternating. */
export function readRawHeaders(raw: Dispatcher.DispatchController['rawHeaders']): UpstreamHeaders {
  const headers = new Map<string, string>()
  if (!Array.isArray(raw)) return headers
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = latin1(raw[index]).toLowerCase()
    const value = latin1(raw[index + 1])
    const earlier = headers.get(name)
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return headers
}

function latin1(part: string | Buffer | undefined): string {
  return typeof part === 'string' ? part : (part?.toString('latin1') ?? '')
}
