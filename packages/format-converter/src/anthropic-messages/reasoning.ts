import type { Effort, OutputFormat, Parameter, Reasoning } from '../model/chat-request.ts'
import type { JsonObject } from '../model/json.ts'
import type { Seal } from '../model/seal.ts'
import type { VendorField } from '../model/vendor-field.ts'
import {
  pointer,
  required,
  requireObject,
  takeInteger,
  takeObject,
  takeString,
  type WireObject,
} from '../wire/read-object.ts'
import { unwrapSeal, wrapSeal } from '../wire/seal-envelope.ts'
import { readNestedRest } from '../wire/vendor-fields.ts'
import { takeWord } from './vendor-members.ts'

/** Efforts of this format, weakest first; a subset of the neutral ladder. */
export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const

/** Members of `thinking` and `output_config` that only Anthropic knows. */
const KNOWN = { display: 'info', block_binding: 'info', task_budget: 'lossy' } as const

/** What a client gets as signature or redacted data: Anthropic's own values as they are, all others in an envelope. */
export function sealForClient(seal: Seal, issuer: string | undefined): string {
  if (seal.format === 'anthropic-messages') return seal.value
  return wrapSeal({ ...seal, issuer: seal.issuer ?? issuer })
}

/** Reads a signature, redacted data or encrypted summary: Relay's envelope or the vendor's own value; empty is none. */
export function decodeSeal(value: string | undefined, nativeKind: Seal['kind']): Seal | undefined {
  if (value === undefined || value === '') return undefined
  return unwrapSeal(value) ?? { kind: nativeKind, format: 'anthropic-messages', value }
}

export function isRedactedSeal(seal: Seal | undefined): boolean {
  return seal?.kind === 'anthropic-redacted'
}

/** What `thinking` and `output_config` say together. */
export interface DecodedReasoning {
  readonly reasoning?: Parameter<Reasoning>
  readonly outputFormat?: Parameter<OutputFormat>
  readonly vendorFields: readonly VendorField[]
}

const NOTHING_SAID: DecodedReasoning = { vendorFields: [] }

/**
 * Reads `thinking`, `output_config` and the older `output_format`.
 *
 * @param body - the request; the three members are taken from it
 */
export function decodeReasoning(body: WireObject): DecodedReasoning {
  const thinking = takeObject(body, 'thinking')
  const config = takeObject(body, 'output_config')
  const format = (config && takeObject(config, 'format')) ?? takeObject(body, 'output_format')
  if (thinking === undefined && config === undefined && format === undefined) return NOTHING_SAID
  const reasoning = readWish(thinking, config)
  const opened = [thinking, config].filter((object) => object !== undefined)
  return {
    ...(reasoning !== undefined && { reasoning }),
    ...(format !== undefined && { outputFormat: { value: decodeFormat(format), path: format.path } }),
    vendorFields: opened.flatMap((object) => readNestedRest(object, KNOWN)),
  }
}

function readWish(thinking: WireObject | undefined, config: WireObject | undefined): Parameter<Reasoning> | undefined {
  const effort = config && takeWord(config, 'effort', EFFORTS)
  const strength = effort !== undefined && { effort }
  if (thinking !== undefined) return { value: { ...decodeThinking(thinking), ...strength }, path: thinking.path }
  return effort === undefined ? undefined : { value: { mode: 'default', ...strength }, path: '/output_config/effort' }
}

function decodeThinking(thinking: WireObject): Reasoning {
  const type = required(
    takeWord(thinking, 'type', ['enabled', 'adaptive', 'between_tools', 'disabled']),
    pointer(thinking.path, 'type'),
  )
  if (type === 'disabled') return { mode: 'off' }
  if (type === 'between_tools') return { mode: 'on', style: 'between-tools' }
  const visibility = decodeVisibility(thinking)
  const shown = visibility !== undefined && { visibility }
  if (type === 'adaptive') return { mode: 'on', style: 'adaptive', ...shown }
  return {
    mode: 'on',
    style: 'budget',
    budgetTokens: required(takeInteger(thinking, 'budget_tokens'), pointer(thinking.path, 'budget_tokens')),
    ...shown,
  }
}

/** Displays of later versions (`updates`) stay where they are and become vendor fields. */
function decodeVisibility(thinking: WireObject): Reasoning['visibility'] {
  const display = thinking.value['display']
  if (display === 'summarized' || display === 'omitted') takeString(thinking, 'display')
  if (display === 'summarized') return 'summary'
  return display === 'omitted' ? 'omitted' : undefined
}

function decodeFormat(format: WireObject): OutputFormat {
  required(takeWord(format, 'type', ['json_schema']), pointer(format.path, 'type'))
  return { type: 'json-schema', schema: requireObject(format, 'schema').value }
}

/** `thinking` for a wish; `undefined` when the model's own default is wanted. */
export function encodeThinking(reasoning: Reasoning): JsonObject | undefined {
  if (reasoning.mode === 'default') return undefined
  if (reasoning.mode === 'off') return { type: 'disabled' }
  if (reasoning.style === 'between-tools') return { type: 'between_tools' }
  const display =
    reasoning.visibility === undefined ? undefined : reasoning.visibility === 'omitted' ? 'omitted' : 'summarized'
  if (reasoning.style !== 'budget' || reasoning.budgetTokens === undefined) return { type: 'adaptive', display }
  return { type: 'enabled', budget_tokens: reasoning.budgetTokens, display }
}

/** `output_config.effort`; the ends of the neutral ladder that this format lacks fall to what it has. */
export function encodeEffort(effort: Effort | undefined): string | undefined {
  if (effort === undefined || effort === 'none') return undefined
  return effort === 'minimal' ? 'low' : effort
}
