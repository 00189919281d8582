import type { UpstreamHeaders, UpstreamRequest } from '@relay/upstreams'

import type { AttemptOutcome, FailedAttempt } from '../attempt.ts'
import type { LiveRequest } from '../live-request.ts'
import type { CredentialHider } from '../prepare/credential-hider.ts'

/** A request that passes to one account, and what its answer is read with. */
export interface PreparedPassage {
  readonly live: LiveRequest
  readonly request: UpstreamRequest
  readonly hider: CredentialHider
  /** What the answer means, once its headers have come. */
  refuse(status: number, headers: UpstreamHeaders, text: string): FailedAttempt
  /** Writes an answer that has come whole. */
  deliver(answer: PassedAnswer): Promise<AttemptOutcome>
  headers(contentType: string, upstreamHeaders: UpstreamHeaders): Record<string, string>
}

/** An answer in one piece. */
export interface PassedAnswer {
  readonly status: number
  readonly headers: UpstreamHeaders
  readonly contentType: string
  readonly body: Uint8Array
}
