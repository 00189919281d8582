import { ConversionError, failureOfError } from '../conversion-error.ts'
import type { ConvertedError } from '../convert/converted-error.ts'
import type { ConverterOptions } from '../convert/converter-options.ts'
import type { Converter } from '../convert/converter.ts'
import type { CountExchange, CountQuestion } from '../convert/count-exchange.ts'
import { createConverter } from '../convert/create-converter.ts'
import { toHeaderRecord, type HeadersLike } from '../convert/headers-like.ts'
import { convertFailure } from '../convert/one-shots.ts'
import type { Exchange } from '../convert/open-exchange.ts'
import type { HeaderChanges } from '../convert/rule-desk.ts'
import { codecFor } from '../format.ts'
import type { Failure } from '../model/failure.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { parseJsonObject, readBody, toJsonText } from '../wire/raw-json.ts'
import { answerCall } from './answer-call.ts'
import { readCall, type Call } from './read-call.ts'
import { respond, respondError } from './respond.ts'
import { routeCall } from './route.ts'

/** Formats and address of a server, and every choice that {@link ConverterOptions} offers. */
export interface FetchOptions<
  Client extends FormatName = FormatName,
  Upstream extends FormatName = FormatName,
> extends ConverterOptions<Client, Upstream> {
  /** Address of the server up to and including its version segment, e.g. `https://api.openai.com/v1`. */
  readonly baseURL: string
  /**
   * Headers of every call to the server, its key above all; a function is asked before each call. What the SDK would send
   * of its own, its key included, is never handed on.
   */
  readonly headers?: HeadersLike | (() => HeadersLike | Promise<HeadersLike>) | undefined
  /** The model to send for the one that the SDK asked for; default the same. */
  readonly model?: ((requested: string) => string) | undefined
  /** Does the calls to the server; default the runtime's own. */
  readonly fetch?: typeof fetch | undefined
}

/**
 * A `fetch` for an SDK of one format that talks to a server of another: `new Anthropic({ fetch })`,
 * `new OpenAI({ fetch })`, `createOpenAI({ fetch })`. Where the SDK thinks its server is does not matter.
 *
 * Requests, whole answers, streams and errors are converted; a stream that fails before its first event is answered with
 * a real status; token counts are asked of the server where its format can count, and estimated otherwise
 * (`x-relay-estimated: 1`); lists of models pass as the server gives them. Everything else is refused with status 400 in the SDK's format.
 *
 * @throws ConversionError when one of the formats has no codec
 */
export function createFetch<Client extends FormatName, Upstream extends FormatName>(
  options: FetchOptions<Client, Upstream>,
): typeof fetch
export function createFetch(options: FetchOptions): typeof fetch {
  const codec = codecFor(options.client)
  const side: Side = { options, converter: createConverter(options), baseURL: options.baseURL.replace(/\/+$/, '') }

  return async (input, init) => {
    const call = await readCall(input, init)
    const route = routeCall(call, codec)
    switch (route.type) {
      case 'generate':
        return generate(side, call)
      case 'count':
        return side.converter.identity ? pass(side, call, route.path) : count(side, call)
      case 'models':
        return pass(side, call, route.path)
      case 'unknown': {
        const message = `${call.method} ${call.url.pathname} is not converted; ${codec.endpoint}, counts and models are`
        return refuse(side, { kind: 'unsupported_feature', message })
      }
    }
  }
}

interface Side {
  readonly options: FetchOptions
  readonly converter: Converter
  readonly baseURL: string
}

/** Beside content type and `accept`, what goes to any server. */
const FORWARDED: readonly string[] = ['idempotency-key', 'traceparent', 'tracestate']
/** What means something only to a server of the SDK's own format. */
const FORWARDED_TO_SAME: readonly string[] = ['anthropic-version', 'anthropic-beta', 'openai-beta']

async function generate(side: Side, call: Call): Promise<Response> {
  const body = readBody(call.body)
  if (!isJsonObject(body)) return refuse(side, { kind: 'invalid_request', message: 'the body must be a JSON object' })
  const opened = attempt(() => open(side, body, call.body))
  if (!opened.ok) return refuse(side, opened.failure)
  const exchange = opened.value
  // an untouched request keeps its bytes
  const text = exchange.request === body ? call.body : toJsonText(exchange.request)
  const first = await answerCall(exchange, await send(side, call, { exchange, text }))
  if (first.ok) return first.response
  const repaired = repair(exchange, first.error)
  if (repaired === undefined) return respondError(first.error, first.headers)
  const retry = { exchange: repaired, text: toJsonText(repaired.request) }
  const second = await answerCall(repaired, await send(side, call, retry))
  return second.ok ? second.response : respondError(second.error, second.headers)
}

function open({ options, converter }: Side, body: JsonObject, text: string): Exchange {
  const requested = body['model']
  const model = typeof requested === 'string' ? options.model?.(requested) : undefined
  return converter.exchange(body, { model, bodyBytes: text.length })
}

/** The request once more, where the error says what would have to go and the loss policy lets it go. */
function repair(exchange: Exchange, { repair: kind }: ConvertedError): Exchange | undefined {
  if (kind === undefined) return undefined
  const repaired = attempt(() => exchange.repair(kind))
  return repaired.ok ? repaired.value : undefined
}

type Attempt<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: Failure }

/** Bodies that cannot be converted are expected trouble here: the SDK gets them as an error of its own. */
function attempt<Value>(step: () => Value): Attempt<Value> {
  try {
    return { ok: true, value: step() }
  } catch (error) {
    if (!ConversionError.is(error)) throw error
    return { ok: false, failure: failureOfError(error) }
  }
}

function refuse({ options }: Side, failure: Failure): Response {
  return respondError(convertFailure({ to: options.client, failure }))
}

interface Sending {
  readonly exchange: Exchange
  readonly text: string
}

async function send(side: Side, call: Call, { exchange, text }: Sending): Promise<Response> {
  const { path, headers, headerChanges, wantsStream } = exchange
  const accept = wantsStream ? 'text/event-stream' : 'application/json'
  return callServer(side, call, { path, body: text, headers: { ...headers, accept }, headerChanges })
}

/** A call that both formats answer alike. */
async function pass(side: Side, call: Call, path: string): Promise<Response> {
  return callServer(side, call, {
    path: path + call.url.search,
    body: call.body,
    headers: {},
    headerChanges: new Map(),
  })
}

interface Outgoing {
  readonly path: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  /** Of custom rules. They may change what is sent of itself, never the caller's own headers. */
  readonly headerChanges: HeaderChanges
}

async function callServer(side: Side, call: Call, outgoing: Outgoing): Promise<Response> {
  const { headers: given = {}, fetch: inner = fetch } = side.options
  const hasBody = outgoing.body !== ''
  const contentType: Readonly<Record<string, string>> = hasBody ? { 'content-type': 'application/json' } : {}
  const own = toHeaderRecord(typeof given === 'function' ? await given() : given)
  return inner(side.baseURL + outgoing.path, {
    method: call.method,
    headers: { ...applied({ ...forwarded(side, call), ...contentType, ...outgoing.headers }, outgoing), ...own },
    redirect: 'manual', // a redirect would carry the key to an address that nobody named
    ...(hasBody ? { body: outgoing.body } : {}),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  })
}

function applied(headers: Readonly<Record<string, string>>, { headerChanges }: Outgoing): Record<string, string> {
  const changed = new Map(Object.entries(headers))
  for (const [name, value] of headerChanges) {
    if (value === undefined) changed.delete(name)
    else changed.set(name, value)
  }
  return Object.fromEntries(changed)
}

function forwarded({ converter }: Side, { headers }: Call): Readonly<Record<string, string>> {
  const names = converter.identity ? [...FORWARDED, ...FORWARDED_TO_SAME] : FORWARDED
  return Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? '']] : [])))
}

/** Asks the server where its format can count; whatever it says that is no count, the estimate is the answer. */
async function count(side: Side, call: Call): Promise<Response> {
  const opened = attempt(() => openCount(side, call))
  if (!opened.ok) return refuse(side, opened.failure)
  const { counted, question } = opened.value
  const answer = question === undefined ? undefined : await askServer(side, call, question)
  const { body, isEstimated } = counted.response(answer) ?? counted.estimate()
  return respond(JSON.stringify(body), 200, isEstimated ? { 'x-relay-estimated': '1' } : {})
}

function openCount({ options, converter }: Side, call: Call): { counted: CountExchange; question?: CountQuestion } {
  const body = parseJsonObject(call.body)
  const requested = body?.['model']
  const model = typeof requested === 'string' ? options.model?.(requested) : undefined
  const counted = converter.count(body, { model })
  counted.estimate() // a body that is wrong shows here
  const question = attempt(() => counted.question())
  return { counted, ...(question.ok && question.value !== undefined && { question: question.value }) }
}

async function askServer(side: Side, call: Call, { path, request, headers }: CountQuestion): Promise<unknown> {
  const answer = await callServer(side, call, { path, body: toJsonText(request), headers, headerChanges: new Map() })
  const text = await answer.text()
  return answer.ok ? readBody(text) : undefined
}
