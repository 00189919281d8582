import {
  createConverter,
  type CountQuestion,
  type FormatName,
  toJsonText,
  type UpstreamProfile,
} from '@relay/format-converter'

import type { Envelope } from './envelope.ts'

/** An upstream of another format that is to count a request; plain data. */
export interface CountPlan {
  readonly client: FormatName
  readonly upstream: FormatName
  /** As the upstream knows it. */
  readonly model: string
  readonly profile: UpstreamProfile
  /** Whose proofs of reasoning the account takes. */
  readonly sealIssuer: string
}

/** What the upstream is asked. */
export interface WrittenQuestion extends Pick<CountQuestion, 'path' | 'headers'> {
  /** JSON. */
  readonly body: string
}

/**
 * Writes a request that an upstream is to count in its own words.
 *
 * @returns `undefined` where its format has none
 * @throws ConversionError when the request cannot be carried
 */
export function writeQuestion(envelope: Envelope, plan: CountPlan): WrittenQuestion | undefined {
  const { client, upstream, model, profile, sealIssuer: issuer } = plan
  const converter = createConverter({ client, upstream, profile, seals: { issuer } })
  const question = converter.count(envelope.parsed(), { model }).question()
  return question && { path: question.path, headers: question.headers, body: toJsonText(question.request) }
}

/**
 * Input tokens of a request, estimated.
 *
 * @throws ConversionError when the body is wrong
 */
export function estimateTokens(envelope: Envelope, client: FormatName): number {
  return createConverter({ client, upstream: 'openai-chat' }).count(envelope.parsed()).inputTokens
}
