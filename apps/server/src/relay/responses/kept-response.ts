import { type JsonObject, parseBody, toJsonText } from '@relay/format-converter'

/** What is kept of a response, so that its client can go on from it. */
export interface KeptResponse {
  /** The response as the client got it. */
  readonly response: JsonObject
  /** The whole conversation before it, not only what its own request brought. */
  readonly input: readonly JsonObject[]
  /** The account whose upstream keeps the response too. */
  readonly holderId?: string | undefined
}

/** As the store takes it. */
export function writeKeptResponse(kept: KeptResponse): string {
  return toJsonText(kept)
}

/** Reads what {@link writeKeptResponse} wrote; the seal around it proves that nobody else did. */
export function readKeptResponse(body: string): KeptResponse {
  return parseBody(body) as unknown as KeptResponse
}
