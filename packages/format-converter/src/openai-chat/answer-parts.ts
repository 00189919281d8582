import type { EncodeAnswerContext } from '../codec.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import type { Seal } from '../model/seal.ts'
import type { StopReason } from '../model/stop-reason.ts'
import type { ConversionOptions } from '../options.ts'
import { DECLINED, explanationIn, EXPLANATION_UNTOLD } from '../wire/openai-declines.ts'
import { wrapSeal } from '../wire/seal-envelope.ts'
import { SEALS_NOT_CARRIED } from './answer-losses.ts'
import { placedSeals, type SaidBlock } from './proof-places.ts'
import { detailsOfSeal } from './reasoning.ts'
import { ENVELOPE_FORMAT } from './wire.ts'

const REASONING_FIELDS: {
  readonly [Choice in ConversionOptions['reasoningField']]: readonly ('reasoning_content' | 'reasoning')[]
} = {
  reasoning_content: ['reasoning_content'],
  reasoning: ['reasoning'],
  both: ['reasoning_content', 'reasoning'],
  none: [],
}

/** The members of a message or delta that hold reasoning text. */
export function reasoningFieldsOf(
  choice: ConversionOptions['reasoningField'],
): readonly ('reasoning_content' | 'reasoning')[] {
  return REASONING_FIELDS[choice]
}

/**
 * The proofs of an answer as `reasoning_details`. Chat's own entries travel as they came, others in an envelope.
 *
 * @param blocks - all blocks of the answer, in their order
 */
export function reasoningDetailsOf(blocks: readonly SaidBlock[], context: EncodeAnswerContext): readonly JsonValue[] {
  const { options, report } = context
  const seals = placedSeals(blocks)
  if (seals.length === 0) return []
  if (!options.sealsToChat) {
    report(SEALS_NOT_CARRIED)
    return []
  }
  const details: JsonValue[] = []
  for (const seal of seals) {
    const native = context.upstreamFormat === 'openai-chat' ? detailsOfSeal(seal) : []
    if (native.length > 0) details.push(...native)
    else details.push(envelopeEntry(seal, details.length, context))
  }
  return details
}

/** What is known when an answer ends. */
interface AnswerShape {
  readonly hasText: boolean
  readonly hasRefusal: boolean
  readonly hasCalls: boolean
}

/** The refusal text of an answer that the model declined without a word; `undefined` when something was said. */
export function declinedText(
  { reason, details }: { readonly reason: StopReason; readonly details?: JsonObject },
  { hasText, hasRefusal, hasCalls }: AnswerShape,
  report: ReportLoss,
): string | undefined {
  if (reason !== 'refusal' || hasRefusal) return undefined
  const explanation = explanationIn(details)
  if (!hasText && !hasCalls) return explanation || DECLINED
  if (explanation !== '') report(EXPLANATION_UNTOLD)
  return undefined
}

function envelopeEntry(seal: Seal, index: number, context: EncodeAnswerContext): JsonObject {
  const data = wrapSeal({ ...seal, issuer: seal.issuer ?? context.issuer })
  return {
    type: 'reasoning.encrypted',
    id: seal.itemId ?? `${context.id}-${index}`,
    data,
    format: ENVELOPE_FORMAT,
    index,
  }
}
