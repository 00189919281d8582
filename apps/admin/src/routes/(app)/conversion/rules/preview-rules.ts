import type { FormatName } from '@relay/format-converter'
import type { CaptureContent } from '@relay/server/admin-contract'

import { CONVERTIBLE } from '#lib/inspector/formats.ts'
import { inspect } from '#lib/inspector/inspect.ts'
import type { InspectionInput } from '#lib/inspector/inspect.ts'
import { SAMPLE_NAMES, sampleRequest } from '#lib/inspector/sample-requests.ts'
import type { SampleName } from '#lib/inspector/sample-requests.ts'

/** A request to try rules on. */
export interface PreviewBody {
  readonly client: FormatName
  readonly upstream: FormatName
  readonly request: string
  readonly model: string
}

/** A sample between two formats. */
export interface SampleBody extends PreviewBody {
  readonly id: string
  readonly sample: SampleName
}

/** What rules do to a request. */
export interface RulePreviewResult {
  /** The upstream's body without and with them, JSON with line breaks. */
  readonly before: string
  readonly after: string
  /** Ids of the rules that acted. */
  readonly applied: readonly string[]
  /** Why nothing goes out with them. */
  readonly failure: string | undefined
}

/** Samples for every pair. */
export function sampleBodies(): readonly SampleBody[] {
  return CONVERTIBLE.flatMap((client) =>
    CONVERTIBLE.flatMap((upstream) =>
      SAMPLE_NAMES.map((sample) => ({
        id: `${sample} ${client} ${upstream}`,
        sample,
        client,
        upstream,
        request: sampleRequest(client, sample),
        model: '',
      })),
    ),
  )
}

/** A real request, as it was captured. */
export function captureBody({ clientFormat, upstreamFormat, request, upstreamModel }: CaptureContent): PreviewBody {
  return { client: readFormat(clientFormat), upstream: readFormat(upstreamFormat), request, model: upstreamModel }
}

/** Converts the request without and with the rules; nothing is sent. */
export function preview(rules: string, { client, upstream, request, model }: PreviewBody): RulePreviewResult {
  const input: InspectionInput = { client, upstream, request, model, answer: '', status: 200, rules: '' }
  const plain = inspect(input)
  const ruled = inspect({ ...input, rules })
  const acted = (ruled.request?.losses ?? []).filter(({ code }) => code === 'rule_applied')
  return {
    before: write(plain.request?.upstream),
    after: write(ruled.request?.upstream),
    applied: acted.map(({ message }) => /^rule (\S+)/.exec(message)?.[1] ?? message),
    failure: ruled.mistakes[0]?.message,
  }
}

function write(body: unknown): string {
  return body === undefined ? '' : JSON.stringify(body, undefined, 2)
}

function readFormat(name: string): FormatName {
  return CONVERTIBLE.find((format) => format === name) ?? 'openai-chat'
}
