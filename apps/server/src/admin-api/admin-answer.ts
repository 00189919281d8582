import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type * as z from 'zod'

import type { AdminContext } from './admin-rooms.ts'
import type { AdminErrorBody, AdminErrorCode, FieldRule } from './contract/index.ts'

/** Trouble as it is told to the caller. */
export type AdminTrouble = AdminErrorBody['error']

const STATUS: Readonly<Record<AdminErrorCode, ContentfulStatusCode>> = {
  'not-signed-in': 401,
  'password-change-required': 403,
  'sign-in-refused': 403,
  'too-many-attempts': 429,
  'cross-site-request': 403,
  forbidden: 403,
  'invalid-request': 400,
  'not-found': 404,
  'name-taken': 409,
  'credential-required': 409,
  'managed-by-config': 409,
  'last-admin': 409,
  conflict: 409,
  busy: 409,
  'method-not-allowed': 405,
  'body-too-large': 413,
  'store-unavailable': 503,
  'internal-error': 500,
}

/** Answers with an error in the shape every admin client knows. */
export function refuse(context: AdminContext, trouble: AdminTrouble): Response {
  const { retryAfterMs } = trouble
  if (retryAfterMs !== undefined) context.header('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000))))
  return context.json({ error: trouble } satisfies AdminErrorBody, STATUS[trouble.code])
}

/** Input that fits its schema, or the answer that says why not. */
export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly answer: Response }

/** Reads a JSON body of limited size and checks it. */
export async function readBody<Schema extends z.ZodType>(
  context: AdminContext,
  { schema, maxBytes }: { readonly schema: Schema; readonly maxBytes: number },
): Promise<Checked<z.infer<Schema>>> {
  const text = await readText(context.req.raw, maxBytes)
  if (text === undefined) {
    const message = `The body is larger than ${maxBytes} bytes.`
    return { ok: false, answer: refuse(context, { code: 'body-too-large', message }) }
  }
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return { ok: false, answer: refuse(context, { code: 'invalid-request', message: 'The body is not valid JSON.' }) }
  }
  return check(context, schema, body)
}

/** Counts while it reads, so that a body without a length cannot fill the memory; `undefined` when it is too long. */
async function readText(request: Request, maxBytes: number): Promise<string | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return undefined
  if (request.body === null) return ''
  const pieces: Uint8Array[] = []
  let length = 0
  const stream: AsyncIterable<Uint8Array> = request.body
  for await (const piece of stream) {
    length += piece.length
    if (length > maxBytes) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Reads the query and checks it; a parameter that is there twice counts once, with its first value. */
export function readQuery<Schema extends z.ZodType>(context: AdminContext, schema: Schema): Checked<z.infer<Schema>> {
  return check(context, schema, context.req.query())
}

function check<Schema extends z.ZodType>(
  context: AdminContext,
  schema: Schema,
  input: unknown,
): Checked<z.infer<Schema>> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return { ok: true, value: parsed.data }
  const issue = parsed.error.issues[0]
  const field = issue === undefined || issue.path.length === 0 ? undefined : issue.path.map(String).join('.')
  // Zod's message names the limit, never the value: a password cannot come back in an error.
  const message =
    field === undefined
      ? 'The input is not an object of the expected shape.'
      : `${field}: ${issue?.message ?? 'invalid'}`
  return { ok: false, answer: refuse(context, { code: 'invalid-request', message, field, rule: ruleOf(issue) }) }
}

const BOUNDED: Readonly<Record<string, FieldRule['code']>> = { string: 'length', number: 'range', int: 'range' }

/** Bounds are told as the store tells them. */
function ruleOf(issue: z.core.$ZodIssue | undefined): FieldRule | undefined {
  if (issue?.code !== 'too_small' && issue?.code !== 'too_big') return undefined
  const code = BOUNDED[issue.origin]
  if (code === undefined) return undefined
  return issue.code === 'too_small' ? { code, min: Number(issue.minimum) } : { code, max: Number(issue.maximum) }
}
