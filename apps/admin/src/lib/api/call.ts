import { ADMIN_API_PATH, adminErrorSchema, PROOF_HEADER } from '@relay/server/admin-contract'

import { ApiError } from './api-error.ts'

/** Longest wait for an answer. */
const TIMEOUT_MS = 20_000

interface Schema<Value> {
  safeParse(input: unknown): { success: true; data: Value } | { success: false }
}

/** What to ask of the admin API, and what the answer looks like. */
export interface Call<Value> {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the admin API's path, with its query. */
  readonly path: string
  readonly answer: Schema<Value>
  readonly body?: object | undefined
  readonly signal?: AbortSignal | undefined
  /** Longest wait for the answer in milliseconds; 20 s unless said otherwise. */
  readonly timeoutMs?: number
}

/**
 * Asks the admin API: the only `fetch` of the panel.
 *
 * @throws ApiError
 */
export async function call<Value>({
  method = 'GET',
  path,
  answer,
  body,
  signal,
  timeoutMs = TIMEOUT_MS,
}: Call<Value>): Promise<Value> {
  const limit = AbortSignal.timeout(timeoutMs)
  const headers: Record<string, string> = { accept: 'application/json', [PROOF_HEADER]: '1' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  let response: Response
  let content: unknown
  try {
    response = await fetch(`${ADMIN_API_PATH}${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    })
    content = await readJson(response)
  } catch {
    throw new ApiError('unreachable')
  }
  if (!response.ok) throw readError(content)
  const parsed = answer.safeParse(content)
  if (!parsed.success) throw new ApiError('unreadable-answer')
  return parsed.data
}

/** Writes the fields that are there as a query, with its question mark; empty where there are none. */
export function writeQuery(query: object): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`
}

/** An answer that is no JSON comes from something in between, such as a proxy; the schema refuses it. */
async function readJson(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readError(content: unknown): ApiError {
  const parsed = adminErrorSchema.safeParse(content)
  if (!parsed.success) return new ApiError('unreadable-answer')
  return new ApiError(parsed.data.error.code, parsed.data.error)
}
