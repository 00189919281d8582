import type { ChatRequest } from '../model/chat-request.ts'
import type { ReportLoss } from '../model/loss.ts'
import type { ConversionOptions } from '../options.ts'
import type { UpstreamProfile } from './profile.ts'

/** What the adaptation must know of the target. */
export interface AdaptContext {
  readonly profile: UpstreamProfile
  readonly options: ConversionOptions
  /** Hash of the selected account; seals that name another issuer are not carried. */
  readonly issuer?: string | undefined
  /** Hides identities; hexadecimal. Absent = the library's own fingerprint, which protects little. */
  readonly hash?: ((text: string) => string) | undefined
  readonly report: ReportLoss
}

/** One change of a request towards its target. Pure and idempotent: a second run changes and reports nothing more. */
export type AdaptStep = (request: ChatRequest, context: AdaptContext) => ChatRequest

/** The target speaks the Messages format. */
export function isMessagesTarget(context: AdaptContext): boolean {
  return context.profile.format === 'anthropic-messages'
}
