import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { Seal } from '../model/seal.ts'
import { saysNothing } from '../wire/unread-members.ts'

/**
 * Google signs the thought behind a call, and wants the signature back with the call.
 *
 * @remarks Source: ai.google.dev/gemini-api/docs/openai, `extra_content.google.thought_signature`.
 */
export function thoughtSignatureOf(extraContent: JsonObject): string {
  const google = extraContent['google']
  const signature = isJsonObject(google) ? google['thought_signature'] : undefined
  return typeof signature === 'string' ? signature : ''
}

/** Whether nothing of such a member is of a kind that cannot be read. */
export function isExtraContent(value: JsonValue): boolean {
  if (!isJsonObject(value)) return false
  const { google = null, ...others } = value
  if (!Object.values(others).every(saysNothing)) return false
  return google === null || (isJsonObject(google) && typeof (google['thought_signature'] ?? '') === 'string')
}

/** The proof as a client of another format keeps it; its item is the call. */
export function thoughtSeal(signature: string, callId: string): Seal {
  return { kind: 'gemini-signature', format: 'openai-chat', value: signature, itemId: callId }
}

/** What goes back beside a call. */
export function encodeThoughtSignature(seal: Seal): JsonObject {
  return { extra_content: { google: { thought_signature: seal.value } } }
}
