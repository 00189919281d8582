import type { EncodeRequestContext } from '../codec.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import { isJsonObject, type JsonObject, type JsonValue, type MutableJsonObject } from '../model/json.ts'
import type { LossLevel, ReportLoss } from '../model/loss.ts'
import type { VendorField } from '../model/vendor-field.ts'
import { pointer, rest, type WireObject } from './read-object.ts'

/** Members that are known but that other formats do not have, and how much it matters when they are lost. */
export type VendorMembers = Readonly<Record<string, LossLevel>>

/** Everything of an object that nobody has read, as vendor fields of the object itself. */
export function readRest(object: WireObject, known: VendorMembers = {}): readonly VendorField[] {
  return rest(object).map(([name, value]) => {
    const level = Object.hasOwn(known, name) ? known[name] : undefined
    return { name, value, path: pointer(object.path, name), level: level ?? 'lossy', isKnown: level !== undefined }
  })
}

/** The rest of an inner object, as fields of the object that holds it: each value is laid over the inner object again. */
export function readNestedRest(inner: WireObject, known?: VendorMembers): readonly VendorField[] {
  const name = inner.path.slice(inner.path.lastIndexOf('/') + 1)
  return readRest(inner, known).map((field) => ({
    ...field,
    name,
    value: Object.fromEntries([[field.name, field.value]]),
  }))
}

/** Lays vendor fields over what was written; keys of foreign origin become own data properties. */
export function withVendorFields(written: JsonObject, fields: readonly VendorField[] | undefined): JsonObject {
  if (fields === undefined || fields.length === 0) return written
  const members = new Map(Object.entries(written))
  for (const { name, value } of fields) members.set(name, joinObjects(members.get(name), value))
  return Object.fromEntries(members)
}

function joinObjects(written: JsonValue | undefined, added: JsonValue): JsonValue {
  return isJsonObject(written) && isJsonObject(added) ? { ...written, ...added } : added
}

/** Says that a field stays behind. @param reason - of a field that is known */
export function reportField({ isKnown, level, path }: VendorField, reason: string, report: ReportLoss): void {
  const message = isKnown ? reason : 'field is not known and was not carried'
  report({ code: isKnown ? 'param_unsupported' : 'unknown_field', level, path, message })
}

/** What SDK users put fields into that their SDK does not know; some clients send it as it stands. */
const EXTRA_BODY = 'extra_body'

/** Fields that decide how the answer comes; Relay itself has to know them. */
const STEERING: ReadonlySet<string> = new Set(['stream', 'stream_options', 'n', 'background'])

/** The target of a request. */
interface CarriedTo {
  /** How users call its format. */
  readonly title: string
  readonly context: EncodeRequestContext
}

/**
 * Lays the fields of a request over a body of the target: all of the target's own, of others those that its profile lets
 * through. What Relay wrote is never replaced; what does not get there, or gets there unread, is reported.
 */
export function carryFields(body: MutableJsonObject, request: ChatRequest, { title, context }: CarriedTo): JsonObject {
  const { profile, report } = context
  const isOwn = request.format === profile.format
  for (const field of spreadExtraBody(request.vendorFields)) {
    const { path, isKnown } = field
    if (!isOwn && !isPassed(field, profile.passthrough)) reportField(field, `${title} has no such field`, report)
    else if (!write(body, field)) report({ code: 'param_unsupported', level: 'lossy', path, message: WRITTEN_BEFORE })
    else if (!isOwn && !isKnown) report({ code: 'unknown_field', level: 'info', path, message: PASSED_ON })
  }
  return body
}

const WRITTEN_BEFORE = 'the field was already written, and stays'
const PASSED_ON = 'the field is not known and was passed on as it came'

/** Names come from outside: odd ones become own data properties. */
function write(body: MutableJsonObject, { name, value }: VendorField): boolean {
  if (Object.hasOwn(body, name)) return false
  Object.defineProperty(body, name, { value, enumerable: true, configurable: true, writable: true })
  return true
}

/** The members of a literal `extra_body` as fields of the body. */
function spreadExtraBody(fields: readonly VendorField[]): readonly VendorField[] {
  return fields.flatMap((field) => {
    if (field.name !== EXTRA_BODY || !isJsonObject(field.value)) return [field]
    return Object.entries(field.value).map(([name, value = null]) => ({
      ...field,
      name,
      value,
      path: pointer(field.path, name),
    }))
  })
}

/** Whether a profile lets a field of another format through. */
export function isPassed(
  { name, path }: Pick<VendorField, 'name' | 'path'>,
  passthrough: 'all' | 'none' | readonly string[],
): boolean {
  if (passthrough === 'none') return false
  const isExtra = path.startsWith(`/${EXTRA_BODY}/`)
  if (isExtra && STEERING.has(name)) return false
  return passthrough === 'all' || passthrough.includes(name) || (isExtra && passthrough.includes(EXTRA_BODY))
}
