import type { FormatName } from '@relay/format-converter'

import { inspect } from './inspect.ts'
import type { Inspection, InspectionInput } from './inspect.ts'
import { sampleAnswer } from './sample-answers.ts'
import { sampleRequest } from './sample-requests.ts'
import type { SampleName } from './sample-requests.ts'

/** What is on the inspector's page; the result follows every change at once. */
export interface InspectorState {
  readonly input: InspectionInput
  readonly result: Inspection
  /** The sample that is shown; `own` once somebody has written or pasted something. */
  readonly sample: SampleName | 'own'
  /** Changes what is converted; words of one's own end the sample. */
  change(part: Partial<InspectionInput>): void
  /** Speaks another format; a sample follows. */
  speak(formats: { readonly client?: FormatName; readonly upstream?: FormatName }): void
  showSample(name: SampleName): void
  /** Shows a request that came from elsewhere. */
  open(part: Partial<InspectionInput>): void
}

/** Starts with a sample, or with what is given. */
export function createInspectorState(start: Partial<InspectionInput> = {}): InspectorState {
  const { client = 'anthropic-messages', upstream = 'openai-chat' } = start
  let sample = $state<SampleName | 'own'>(start.request === undefined ? 'rich' : 'own')
  let input = $state.raw<InspectionInput>({
    client,
    upstream,
    model: '',
    rules: '',
    ...sampleOf('rich', { client, upstream }),
    ...start,
  })
  const result = $derived(inspect(input))

  function change(part: Partial<InspectionInput>): void {
    if (part.request !== undefined || part.answer !== undefined) sample = 'own'
    input = { ...input, ...part }
  }

  function speak(formats: { readonly client?: FormatName; readonly upstream?: FormatName }): void {
    const spoken = { client: input.client, upstream: input.upstream, ...formats }
    const more = sample === 'own' ? {} : sampleOf(sample, spoken)
    input = { ...input, ...spoken, ...more }
  }

  return {
    get input() {
      return input
    },
    get result() {
      return result
    },
    get sample() {
      return sample
    },
    change,
    speak,
    showSample(name) {
      sample = name
      input = { ...input, model: '', ...sampleOf(name, input) }
    },
    open(part) {
      sample = 'own'
      input = { ...input, model: '', answer: '', status: 200, ...part }
    },
  }
}

function sampleOf(
  name: SampleName,
  { client, upstream }: Pick<InspectionInput, 'client' | 'upstream'>,
): Pick<InspectionInput, 'request' | 'answer' | 'status'> {
  return { request: sampleRequest(client, name), answer: sampleAnswer(upstream, name), status: 200 }
}
