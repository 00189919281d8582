import type { Codec } from '../codec.ts'
import type { JsonObject } from '../model/json.ts'
import { pointer } from '../wire/read-object.ts'
import { unwrapSeal } from '../wire/seal-envelope.ts'
import { refuseLosses, type LossLedger, type LossPolicy } from './loss-ledger.ts'

/**
 * How much of the earlier reasoning is taken out: all that the target would verify, for the one retry after it refused a
 * proof (which one is not known); or only what other vendors proved, which it is bound to refuse. `minimal` is for a
 * refusal that nobody understands: without reasoning, and without every wish that the answer can do without.
 */
export type RequestRepair = 'strip-reasoning' | 'strip-foreign-reasoning' | 'minimal'

interface PassingRepair {
  readonly codec: Codec
  readonly repair: RequestRepair
  readonly policy: LossPolicy
  readonly ledger: LossLedger
}

/**
 * Takes reasoning out of a request that stays in its format, and leaves everything else as it is.
 *
 * @throws ConversionError when the loss policy refuses that
 */
export function repairPassing(body: JsonObject, { codec, repair, policy, ledger }: PassingRepair): JsonObject {
  const isAll = repair !== 'strip-foreign-reasoning'
  const message = isAll
    ? 'earlier reasoning was taken out because the upstream refused a proof'
    : 'earlier reasoning that another upstream proved cannot be replayed to this one'
  const repaired = codec.dropReasoning(body, {
    // An upstream's own proofs never come in an envelope to a client of its format.
    isTaken: (proof) => isAll || unwrapSeal(proof) !== undefined,
    report: (path) => ledger.report('request', { code: 'reasoning_dropped', level: 'degraded', path, message }),
  })
  const kept = repair === 'minimal' ? keepEssentialMembers(repaired, codec, ledger) : repaired
  refuseLosses(policy, ledger.losses)
  return kept
}

function keepEssentialMembers(body: JsonObject, { essentialMembers }: Codec, ledger: LossLedger): JsonObject {
  const entries = Object.entries(body).filter(([name]) => {
    const isKept = essentialMembers.includes(name)
    const message = 'left out of a retry with the essentials only'
    if (!isKept)
      ledger.report('request', { code: 'param_unsupported', level: 'degraded', path: pointer('', name), message })
    return isKept
  })
  return Object.fromEntries(entries)
}
