import type { Codec } from '../codec.ts'
import type { JsonObject } from '../model/json.ts'
import { unwrapSeal } from '../wire/seal-envelope.ts'
import { refuseLosses, type LossLedger, type LossPolicy } from './loss-ledger.ts'

/**
 * How much of the earlier reasoning is taken out: all that the target would verify, for the one retry after it refused a
 * proof (which one is not known); or only what other vendors proved, which it is bound to refuse.
 */
export type ReasoningRepair = 'strip-reasoning' | 'strip-foreign-reasoning'

interface PassingRepair {
  readonly codec: Codec
  readonly repair: ReasoningRepair
  readonly policy: LossPolicy
  readonly ledger: LossLedger
}

/**
 * Takes reasoning out of a request that stays in its format, and leaves everything else as it is.
 *
 * @throws ConversionError when the loss policy refuses that
 */
export function repairPassing(body: JsonObject, { codec, repair, policy, ledger }: PassingRepair): JsonObject {
  const isAll = repair === 'strip-reasoning'
  const message = isAll
    ? 'earlier reasoning was taken out because the upstream refused a proof'
    : 'earlier reasoning that another upstream proved cannot be replayed to this one'
  const repaired = codec.dropReasoning(body, {
    // An upstream's own proofs never come in an envelope to a client of its format.
    isTaken: (proof) => isAll || unwrapSeal(proof) !== undefined,
    report: (path) => ledger.report('request', { code: 'reasoning_dropped', level: 'degraded', path, message }),
  })
  refuseLosses(policy, ledger.losses)
  return repaired
}
