import {
  aboutSchema,
  ADMIN_API_PATH,
  adminErrorSchema,
  nameListSchema,
  PROOF_HEADER,
  requestDetailSchema,
  requestPageSchema,
  sessionListSchema,
  sessionStateSchema,
} from '@relay/server/admin-contract'
import type {
  About,
  NameList,
  PasswordChangeBody,
  RequestDetail,
  RequestPage,
  RequestQuery,
  SessionList,
  SessionState,
  SignIn,
} from '@relay/server/admin-contract'

import { ApiError } from './api-error.ts'

/** Longest wait for an answer. */
const TIMEOUT_MS = 20_000

interface Schema<Value> {
  safeParse(input: unknown): { success: true; data: Value } | { success: false }
}

interface Call<Value> {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly answer: Schema<Value>
  readonly body?: object
  readonly signal?: AbortSignal | undefined
}

/** The only place that talks to the server. Every method rejects with an `ApiError`. */
export const api = {
  getSession: (): Promise<SessionState> => call({ path: '/session', answer: sessionStateSchema }),
  signIn: (body: SignIn): Promise<SessionState> =>
    call({ method: 'POST', path: '/session', body, answer: sessionStateSchema }),
  signOut: (): Promise<SessionState> => call({ method: 'DELETE', path: '/session', answer: sessionStateSchema }),
  changePassword: (body: PasswordChangeBody): Promise<SessionState> =>
    call({ method: 'POST', path: '/session/password', body, answer: sessionStateSchema }),
  listSessions: (): Promise<SessionList> => call({ path: '/sessions', answer: sessionListSchema }),
  endSession: (id: string): Promise<SessionList> =>
    call({ method: 'DELETE', path: `/sessions/${encodeURIComponent(id)}`, answer: sessionListSchema }),
  listRequests: (query: RequestQuery, signal?: AbortSignal): Promise<RequestPage> =>
    call({ path: `/requests${writeQuery(query)}`, answer: requestPageSchema, signal }),
  getRequest: (id: string, signal?: AbortSignal): Promise<RequestDetail> =>
    call({ path: `/requests/${encodeURIComponent(id)}`, answer: requestDetailSchema, signal }),
  listNames: (): Promise<NameList> => call({ path: '/names', answer: nameListSchema }),
  getAbout: (): Promise<About> => call({ path: '/about', answer: aboutSchema }),
}

async function call<Value>({ method = 'GET', path, answer, body, signal }: Call<Value>): Promise<Value> {
  const limit = AbortSignal.timeout(TIMEOUT_MS)
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

function writeQuery(query: RequestQuery): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`
}
