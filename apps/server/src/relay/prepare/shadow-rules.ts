import type { CompiledRules } from '@relay/format-converter'
import { dryRun } from '@relay/format-converter/rules'

import type { LiveRequest } from '../live-request.ts'
import type { Envelope } from '../request/envelope.ts'
import type { PreparedAttempt } from './prepare-attempt.ts'

/** What a rule on trial would have done; nothing was changed. */
export interface ShadowedRule {
  readonly rule: string
  readonly phase: 'request.client' | 'request.upstream'
}

/** Rules on trial see the bodies that the real ones see; answers and events are not looked at. */
const PHASES = ['request.client', 'request.upstream'] as const

/** Names the rules on trial that would act on a request. Costs a look at the body, and only where rules are on trial. */
export function shadowedRules(
  rules: CompiledRules,
  attempt: PreparedAttempt,
  { live, envelope }: { readonly live: LiveRequest; readonly envelope: Envelope },
): readonly ShadowedRule[] {
  const { choice, upstreamModel: model, converted } = attempt
  const context = { client: live.format, upstream: choice.format, model, stream: envelope.isStream }
  const bodies = { 'request.client': envelope.parsed(), 'request.upstream': converted() }
  return PHASES.flatMap((phase) => {
    const { applied } = dryRun(rules, phase, { body: bodies[phase], context })
    return applied.map((rule) => ({ rule, phase }))
  })
}
