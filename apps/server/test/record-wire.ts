/** What an SDK sent and received, as it was on the wire. */
export interface RecordedWire {
  /** Give this to an SDK. */
  readonly fetch: typeof fetch
  /** Bodies as the SDK wrote them. */
  readonly requests: string[]
  /** Bodies as they arrived, complete. */
  readonly answers: string[]
}

/** Notes the bytes of every exchange on their way out and in. */
export function recordWire(): RecordedWire {
  const requests: string[] = []
  const answers: string[] = []
  async function recordingFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    requests.push(typeof init?.body === 'string' ? init.body : '')
    const response = await fetch(input, init)
    answers.push(await response.clone().text())
    return response
  }
  return { fetch: recordingFetch, requests, answers }
}
