import type { FormatName, UpstreamProfile } from '@relay/format-converter'

import { type Envelope, openEnvelope } from '../request/envelope.ts'

/** A request for a whole answer, and who is to answer it. */
interface WholeRequest {
  readonly envelope: Envelope
  readonly format: FormatName
  readonly profile: UpstreamProfile
  /** A path below the endpoint; none of them answers in a stream. */
  readonly nativePath: string | undefined
}

/**
 * The request as the upstream is asked: where the account wants it so, a whole answer is asked for as a stream, which is
 * collected on its way back. An answer of many minutes then shows that it lives.
 */
export function askedEnvelope({ envelope, format, profile, nativePath }: WholeRequest): Envelope {
  if (envelope.isStream || nativePath !== undefined || !profile.dialect.wholeAsStream) return envelope
  return openEnvelope(envelope.withMembers(new Map([['stream', 'true']])), { format })
}
