import type { IncomingHttpHeaders } from 'node:http'

import { MASK, type Redactor } from '../observe/redactor.ts'

/** Client headers that are kept: what they want, never who they are. */
const KEPT_HEADERS = ['content-type', 'accept', 'user-agent', 'anthropic-version', 'anthropic-beta', 'openai-beta']

/** Takes secrets out of what is captured. */
export interface Scrubber {
  /** Every other byte stays as it is, also one that is no valid text. */
  bytes(bytes: Uint8Array): Uint8Array
  headers(headers: IncomingHttpHeaders): Readonly<Record<string, string>>
}

/**
 * Makes a scrubber for one request.
 *
 * @param redactor - the process's own, which knows the credentials of accounts
 * @param secrets - what this request showed or was sent with
 */
export function createScrubber(redactor: Pick<Redactor, 'redact'>, secrets: readonly (string | undefined)[]): Scrubber {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= 8)

  function scrub(text: string): string {
    let shown = text
    for (const secret of known) if (secret !== undefined) shown = shown.replaceAll(secret, MASK)
    return redactor.redact(shown)
  }

  return {
    // Read as Latin-1 every byte is one character and comes back as itself; secrets are ASCII.
    bytes: (bytes) =>
      Buffer.from(scrub(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')), 'latin1'),
    headers: (headers) =>
      Object.fromEntries(
        KEPT_HEADERS.flatMap((name) => {
          const value = headers[name]
          return typeof value === 'string' ? [[name, scrub(value)]] : []
        }),
      ),
  }
}
