import type { AdaptWish } from '../codec.ts'
import type { Reasoning } from '../model/chat-request.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { EFFORTS, encodeEffort } from './reasoning.ts'

/**
 * A request whose thinking budget became an effort, for a model that takes no budgets; everything else in it stays.
 *
 * @returns the very object where the budget may stay
 */
export function refitReasoning(body: JsonObject, adapt: AdaptWish): JsonObject {
  const { thinking, output_config: given = {} } = body
  if (!isJsonObject(thinking) || thinking['type'] !== 'enabled') return body
  const { budget_tokens: budgetTokens, type: _type, ...others } = thinking
  const config = isJsonObject(given) ? given : {}
  if (typeof budgetTokens !== 'number') return body
  const effort = EFFORTS.find((word) => word === config['effort'])
  const value: Reasoning = { mode: 'on', style: 'budget', budgetTokens, ...(effort !== undefined && { effort }) }
  const adapted = adapt({ value, path: '/thinking' })
  if (adapted?.style !== 'adaptive') return body
  const word = encodeEffort(adapted.effort)
  return {
    ...body,
    thinking: { type: 'adaptive', ...others },
    ...(word !== undefined && { output_config: { ...config, effort: word } }),
  }
}
