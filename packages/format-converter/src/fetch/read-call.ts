/** What an SDK asked its `fetch` to do. */
export interface Call {
  /** Upper case. */
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  /** Text of the body; `''` when there is none. */
  readonly body: string
  readonly signal: AbortSignal | undefined
}

/** Reads the arguments of a `fetch` call in any of their forms. Only the path of a relative address counts. */
export async function readCall(input: string | URL | Request, init?: RequestInit): Promise<Call> {
  const address = typeof input === 'string' ? new URL(input, 'http://localhost') : input
  const request = new Request(address, init)
  // the signal itself: the one that a `Request` derives from it may be lost to garbage collection before it fires
  const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
  return {
    method: request.method.toUpperCase(),
    url: new URL(request.url),
    headers: request.headers,
    body: await request.text(),
    signal,
  }
}
