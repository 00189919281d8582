import type { FormatName } from '@relay/format-converter'

import type { InspectionInput } from './inspect.ts'
import { sampleAnswer } from './sample-answers.ts'
import { sampleRequest } from './sample-requests.ts'

/** What is known of a request whose body was not kept. */
export interface KnownRequest {
  readonly modelAsked: string
  readonly isStream: boolean
}

/** A short request of the same format, model and kind; a streamed one with an answer to it. */
export function standInFor(
  { client, upstream }: { readonly client: FormatName; readonly upstream: FormatName },
  { modelAsked, isStream }: KnownRequest,
): Pick<InspectionInput, 'request' | 'answer' | 'status'> {
  const sample: unknown = JSON.parse(sampleRequest(client, 'plain'))
  const known = { ...(modelAsked === '' ? {} : { model: modelAsked }), stream: isStream }
  return {
    request: JSON.stringify({ ...(sample as object), ...known }, undefined, 2), // our own sample is an object
    answer: isStream ? sampleAnswer(upstream, 'plain') : '',
    status: 200,
  }
}
