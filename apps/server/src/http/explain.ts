import type { IncomingHttpHeaders } from 'node:http'

import type { HttpBindings } from '@hono/node-server'
import type { RelayKey } from '@relay/account-store'
import { detectFormat, type FormatName, parseSpan, scanTopLevel } from '@relay/format-converter'
import type { Handler } from 'hono'

import { findTokenCaller, readBearerToken } from '../admin-api/bearer-token.ts'
import type { TokenScope } from '../admin-api/contract/index.ts'
import { readSessionToken } from '../admin-api/session-cookie.ts'
import { type AuthRooms, authenticate } from '../auth/authenticate.ts'
import { type AnswerExplanation, explainAnswer } from '../diagnose/explain-answer.ts'
import {
  explainRequest,
  type ExplainRooms,
  type RequestExplanation,
  type SentRequest,
} from '../diagnose/explain-request.ts'
import { shapeTrouble } from '../relay/request/body-shape.ts'
import { ServerError } from '../server-error.ts'
import { type HttpContext, lookUp, type LookupRooms } from './look-up.ts'
import { BODY_LIMITS, readBody } from './read-body.ts'

/** Explaining is free, and its answer repeats the whole request: a longer one would hold everybody up. The command takes any. */
const EXPLAIN_LIMITS = { ...BODY_LIMITS, maxBytes: 4 * 1024 * 1024 }

/** What explaining over HTTP needs. */
export interface ExplainEndpointRooms extends LookupRooms {
  readonly explain: ExplainRooms
}

/** Who asks: a key holder sees what becomes of the request, an operator also which account takes it and why. */
interface Asker {
  readonly key: RelayKey | undefined
  readonly isOperator: boolean
}

/**
 * `POST /v1/relay/explain`: what Relay would do with a request, or makes of an answer. Nothing is sent.
 *
 * The body is a client's request as it is, or `{"request": …, "format"?, "account"?}`, or
 * `{"answer": "…", "from"?, "to", "status"?}`.
 */
export function createExplainHandler(rooms: ExplainEndpointRooms): Handler<{ Bindings: HttpBindings }> {
  return (context) =>
    lookUp(context, async (incoming) => {
      const { headers } = incoming
      const asker = await identify(rooms, context)
      const question = readQuestion(await readBody(context.env.incoming, EXPLAIN_LIMITS), headers)
      if ('text' in question) return answerView(explainAnswer(question))
      if (question.account !== undefined && !asker.isOperator) {
        throw new ServerError('permission', 'only an operator may ask about a certain account', { param: '/account' })
      }
      return requestView(await explainRequest(rooms.explain, { ...question, headers, key: asker.key }), asker)
    })
}

/** @throws ServerError `authentication` without a relay key, a session of the panel and a token of the admin API */
async function identify(rooms: AuthRooms, context: HttpContext): Promise<Asker> {
  const { incoming } = context.env
  const { headers } = incoming
  const bearer = readBearerToken(headers)
  const isOperator = bearer === undefined ? await hasSession(rooms, context) : await isOperatorToken(rooms, bearer)
  const showsKey = headers['x-api-key'] !== undefined || (bearer === undefined && headers.authorization !== undefined)
  if (isOperator && !showsKey) return { key: undefined, isOperator }
  return { key: await authenticate(rooms, incoming), isOperator }
}

async function hasSession({ store }: AuthRooms, context: HttpContext): Promise<boolean> {
  const token = readSessionToken(context)
  const session = token === undefined ? undefined : await store.findSession(token)
  return session !== undefined && !session.user.mustChangePassword
}

/** What a token has to be for: the answer names accounts and tells what becomes of a request. */
const SCOPES: readonly TokenScope[] = ['accounts:read', 'conversion:read']

/** @throws ServerError for a token that is not valid, or not for this */
async function isOperatorToken(rooms: AuthRooms, bearer: string): Promise<boolean> {
  const caller = await findTokenCaller(rooms, bearer)
  if (caller === undefined) throw new ServerError('authentication', 'this token is not valid')
  if (caller.token?.scopes.some((scope) => SCOPES.includes(scope)) === true) return true
  throw new ServerError('permission', `this token has none of the scopes ${SCOPES.join(', ')}`)
}

interface AskedRequest {
  readonly format: FormatName
  readonly body: Uint8Array
  readonly account: string | undefined
}

type Question = AskedRequest | Parameters<typeof explainAnswer>[0]

function readQuestion(bytes: Uint8Array, headers: IncomingHttpHeaders): Question {
  const trouble = shapeTrouble(bytes)
  if (trouble !== undefined) throw trouble
  const top = scanTopLevel(bytes)
  const member = (name: string): unknown => {
    const span = top?.members.get(name)
    return span === undefined ? undefined : parseSpan(bytes, span)
  }
  const answer = member('answer')
  if (answer !== undefined) return pastedAnswer(answer, member)
  const span = top?.members.get('request')
  const body = span === undefined ? bytes : bytes.subarray(span.start, span.end)
  const said = span === undefined ? undefined : member('format')
  const account = span === undefined ? undefined : member('account')
  return {
    format: readFormat(said, '/format') ?? formatOf(body, headers),
    body,
    account: typeof account === 'string' ? account : undefined,
  }
}

function pastedAnswer(answer: unknown, member: (name: string) => unknown): Question {
  const to = readFormat(member('to'), '/to')
  if (to === undefined)
    throw new ServerError('invalid_request', 'to: say which format the client speaks', { param: '/to' })
  const status = member('status')
  return {
    text: typeof answer === 'string' ? answer : JSON.stringify(answer),
    from: readFormat(member('from'), '/from'),
    to,
    status: typeof status === 'number' ? status : undefined,
  }
}

const FORMATS: readonly FormatName[] = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini']

function readFormat(said: unknown, param: string): FormatName | undefined {
  if (said === undefined || said === null) return undefined
  const format = FORMATS.find((name) => name === said)
  if (format !== undefined) return format
  throw new ServerError('invalid_request', `${param.slice(1)}: must be one of ${FORMATS.join(', ')}`, { param })
}

/** Small bodies of Messages and of Chat look alike; only clients of Messages name its version. */
function formatOf(body: Uint8Array, headers: IncomingHttpHeaders): FormatName {
  if (headers['anthropic-version'] !== undefined) return 'anthropic-messages'
  const format = detectFormat('', parseOrNothing(body))
  if (format !== undefined) return format
  const message = 'the format of this request cannot be told; send {"format": …, "request": …}'
  throw new ServerError('invalid_request', message, { param: '/format' })
}

function parseOrNothing(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return undefined // the explanation says what is wrong with it
  }
}

/** In the words of the API; what an operator alone may know is left out for key holders. */
function requestView(explanation: RequestExplanation, { isOperator }: Asker): object {
  const { losses, expected, refusal, routing } = explanation
  return {
    object: 'relay.explanation',
    format: explanation.format,
    model: explanation.model,
    stream: explanation.isStream,
    refusal: refusal ?? null,
    sent: sentView(explanation.sent, isOperator),
    rules: losses.filter(({ stage }) => stage === 'rules'),
    losses: losses.filter(({ stage }) => stage !== 'rules'),
    expected: {
      input_tokens: expected?.inputTokens ?? null,
      max_output_tokens: expected?.maxOutputTokens ?? null,
      cost_usd: expected?.costMicroUsd === undefined ? 'unknown' : expected.costMicroUsd / 1_000_000,
    },
    ...(isOperator ? { routing } : {}),
  }
}

function sentView(sent: SentRequest | undefined, isOperator: boolean): object | null {
  if (sent === undefined) return null
  return {
    format: sent.format,
    model: sent.model,
    profile: sent.profileId,
    same_format: sent.isSameFormat,
    ...(isOperator ? { account: sent.accountName, url: sent.url } : {}),
    request: JSON.parse(sent.body) as unknown,
  }
}

function answerView({ kind, from, to, converted, trouble, losses, usage, events }: AnswerExplanation): object {
  return {
    object: 'relay.answer_explanation',
    kind,
    from,
    to,
    converted,
    trouble: trouble ?? null,
    losses,
    usage: usage ?? null,
    events: events ?? null,
  }
}
