import { ConversionError, failureOfError } from '../conversion-error.ts'
import type { ConvertedError } from '../convert/converted-error.ts'
import type { Exchange } from '../convert/open-exchange.ts'
import type { ErrorKind } from '../model/failure.ts'
import { parseJson, readBody, toJsonText } from '../wire/raw-json.ts'
import { requestIdOf, respond } from './respond.ts'
import { streamAnswer } from './stream-answer.ts'

/** What the upstream's answer became: an answer for the SDK, or an error that may be worth one repaired retry. */
export type Answered =
  | { readonly ok: true; readonly response: Response }
  | { readonly ok: false; readonly error: ConvertedError; readonly headers: Readonly<Record<string, string>> }

/** Largest whole answer, in bytes. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/** Largest error answer, in bytes. */
const MAX_ERROR_BYTES = 1024 * 1024

/** Who calls this fetch owns the upstream's key: its refusal is his to mend, not a fault behind a relay. */
const OWN_KINDS: { readonly [Kind in ErrorKind]?: ErrorKind } = {
  upstream_auth: 'authentication',
  upstream_quota: 'billing',
}

/** Turns the upstream's answer into the one that the SDK understands. */
export async function answerCall(exchange: Exchange, answer: Response): Promise<Answered> {
  const headers = { ...requestIdOf(answer), ...exchange.rateLimits(answer.headers) }
  if (isRedirect(answer)) {
    void answer.body?.cancel()
    const message = 'the upstream redirects; give its final address as baseURL'
    return { ok: false, error: exchange.failure({ kind: 'upstream_invalid_response', message }), headers }
  }
  try {
    if (!answer.ok) return { ok: false, error: await readError(exchange, answer), headers }
    if (!exchange.wantsStream) return { ok: true, response: await answerWhole(exchange, answer, headers) }
    const stream = await streamAnswer(exchange, answer, headers)
    return stream.ok ? stream : { ok: false, error: ownError(exchange, exchange.failure(stream.failure)), headers }
  } catch (error) {
    if (!ConversionError.is(error)) throw error
    return { ok: false, error: ownError(exchange, exchange.failure(failureOfError(error))), headers }
  }
}

/** Browsers hide a redirect that is not followed behind status 0. */
function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || (status >= 300 && status < 400)
}

async function readError(exchange: Exchange, answer: Response): Promise<ConvertedError> {
  const text = await readText(answer, MAX_ERROR_BYTES)
  return ownError(exchange, exchange.error(answer.status, parseJson(text) ?? text, answer.headers))
}

function ownError(exchange: Exchange, error: ConvertedError): ConvertedError {
  const kind = OWN_KINDS[error.kind]
  return kind === undefined ? error : exchange.failure({ ...error.failure, kind })
}

type Headers = Readonly<Record<string, string>>

async function answerWhole(exchange: Exchange, answer: Response, headers: Headers): Promise<Response> {
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = await readText(answer, MAX_ANSWER_BYTES)
  const { body, isUntouched } = isStream ? collect(exchange, text) : exchange.response(readBody(text) ?? text)
  return respond(isUntouched && !isStream ? text : toJsonText(body), 200, headers)
}

/** Some servers stream whatever they were asked. */
function collect(exchange: Exchange, text: string): ReturnType<Exchange['response']> {
  const aggregator = exchange.aggregate()
  aggregator.push(new TextEncoder().encode(text))
  return aggregator.end()
}

async function readText(answer: Response, limit: number): Promise<string> {
  const reader = answer.body?.getReader()
  const utf8 = new TextDecoder()
  const fragments: string[] = []
  let bytes = 0
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    bytes += part.value.length
    if (bytes > limit) {
      void reader?.cancel()
      throw new ConversionError('overflow', `the answer of the upstream is larger than ${limit} bytes`)
    }
    fragments.push(utf8.decode(part.value, { stream: true }))
  }
  return fragments.join('') + utf8.decode()
}
