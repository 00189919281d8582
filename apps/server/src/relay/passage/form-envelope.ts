import { ServerError } from '../../server-error.ts'
import type { Envelope } from '../request/envelope.ts'

/** Parts of a form; more is no client that we know. */
const MAX_PARTS = 1000
/** Bytes of a part's headers, and of the values that are read. */
const MAX_HEAD_BYTES = 16 * 1024
const MAX_VALUE_BYTES = 1024

const CRLF = '\r\n'
const HEAD_END = Buffer.from('\r\n\r\n')

/** Fields that Relay reads. */
const READ = new Set(['model', 'stream'])

/** What a form is read for. */
export interface FormUse {
  /** As the client sent it. */
  readonly contentType: string
  /** The service's own model where the client names none. */
  readonly defaultModel: string | undefined
}

/**
 * Opens a multipart form. Only the heads of its parts and the fields that routing needs are looked at; files are stepped
 * over and never copied.
 *
 * @throws ServerError `invalid_request`
 */
export function openFormEnvelope(bytes: Uint8Array, { contentType, defaultModel }: FormUse): Envelope {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const boundary = boundaryOf(contentType)
  const fields = readFields(body, boundary)
  const valueOf = (name: string): string | undefined => {
    const span = fields.get(name)
    return span === undefined ? undefined : body.toString('utf8', span.start, span.end).trim()
  }
  const model = valueOf('model') ?? defaultModel
  if (model === undefined || model === '') {
    throw new ServerError('invalid_request', 'model: field required', { param: '/model' })
  }
  return {
    bytes,
    model,
    isStream: valueOf('stream') === 'true',
    member: (name) => valueOf(name),
    parsed: () => {
      throw new ServerError('invalid_request', 'a form has no JSON body')
    },
    holdsSealed: () => false,
    beginningOf: () => new Uint8Array(),
    withMembers: (edits) => {
      const text = edits.get('model')
      const span = fields.get('model')
      if (text === undefined) return bytes
      const value = Buffer.from(String(JSON.parse(text)))
      if (span === undefined) return withFirstPart(body, boundary, { name: 'model', value })
      return Buffer.concat([body.subarray(0, span.start), value, body.subarray(span.end)])
    },
  }
}

/** A field that the client left to its default. */
function withFirstPart(
  body: Buffer,
  boundary: string,
  field: { readonly name: string; readonly value: Buffer },
): Buffer {
  const at = startOf(body, Buffer.from(`--${boundary}`)) - boundary.length - '--'.length
  const head = `--${boundary}${CRLF}content-disposition: form-data; name="${field.name}"${CRLF}${CRLF}`
  return Buffer.concat([body.subarray(0, at), Buffer.from(head), field.value, Buffer.from(CRLF), body.subarray(at)])
}

function boundaryOf(contentType: string): string {
  const [found, ...others] = contentType.matchAll(/;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/gi)
  const boundary = found?.[1] ?? found?.[2]
  if (others.length > 0) throw broken('its content type names two boundaries')
  if (boundary !== undefined) return boundary
  throw new ServerError('invalid_request', 'the content type of the form names no boundary')
}

interface Span {
  readonly start: number
  readonly end: number
}

function readFields(body: Buffer, boundary: string): ReadonlyMap<string, Span> {
  const fields = new Map<string, Span>()
  const opening = Buffer.from(`--${boundary}`)
  const delimiter = Buffer.from(`${CRLF}--${boundary}`)
  let at = startOf(body, opening)
  for (let count = 0; count < MAX_PARTS; count += 1) {
    if (body.toString('latin1', at, at + 2) === '--') return fields // the closing one
    const lineEnd = body.indexOf(CRLF, at)
    const headEnd = lineEnd === -1 ? -1 : body.indexOf(HEAD_END, lineEnd)
    const end = headEnd === -1 ? -1 : body.indexOf(delimiter, headEnd + 2)
    if (end === -1 || headEnd - lineEnd > MAX_HEAD_BYTES) throw broken('a part has no end')
    // Whoever takes a bare line feed for the end of a line would see another part here.
    if (!/^[\t ]*$/.test(body.toString('latin1', at, lineEnd))) throw broken('a boundary is no line of its own')
    noteField(fields, body.toString('utf8', lineEnd, headEnd), { start: headEnd + HEAD_END.length, end })
    at = end + delimiter.length
  }
  throw broken(`more than ${MAX_PARTS} parts`)
}

/** The first delimiter may stand at the very beginning, or behind a preamble. */
function startOf(body: Buffer, opening: Buffer): number {
  if (body.subarray(0, opening.length).equals(opening)) return opening.length
  const at = body.indexOf(Buffer.concat([Buffer.from(CRLF), opening]))
  if (at === -1) throw broken('its boundary does not occur')
  return at + CRLF.length + opening.length
}

function noteField(fields: Map<string, Span>, head: string, span: Span): void {
  const disposition = /^content-disposition\s*:\s*form-data\s*;(.*)$/im.exec(head)?.[1] ?? ''
  const name = nameIn(disposition)
  const isFile = /(?:^|;)\s*filename\*?\s*=/i.test(disposition)
  if (name === undefined || isFile || !READ.has(name)) return
  // What is routed by must be what is forwarded.
  if (fields.has(name)) throw broken(`the field ${name} stands there twice`)
  if (span.end - span.start > MAX_VALUE_BYTES) throw broken(`the field ${name} is too long`)
  fields.set(name, span)
}

/** Read in every way that an upstream may read it: quoted, with escapes or without quotes. */
function nameIn(disposition: string): string | undefined {
  if (/(?:^|;)\s*name\*/i.test(disposition)) throw broken('the name of a field is written as no client writes it')
  const [, quoted, token] = /(?:^|;)\s*name\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(disposition) ?? []
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? token
}

function broken(why: string): ServerError {
  return new ServerError('invalid_request', `the multipart form cannot be read: ${why}`)
}
