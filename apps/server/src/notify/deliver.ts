import { setTimeout as wait } from 'node:timers/promises'

import type { Sender, WholeResult } from '@relay/upstreams'

import type { Webhook } from './webhook-book.ts'
import type { WebhookMessage } from './write-message.ts'

/** How a message went. */
export interface Delivery {
  readonly isGood: boolean
  /** For people; never the address. */
  readonly message: string
}

export interface DeliverRooms {
  readonly sender: Sender
  /** Waits between the tries, in milliseconds; one try more than there are waits. */
  readonly waitsMs: readonly number[]
  readonly signal: AbortSignal
}

const TIMEOUTS = { connectMs: 10_000, headersMs: 10_000, idleMs: 10_000, totalMs: 15_000 }
const MAX_ANSWER_BYTES = 16 * 1024
const MAX_SHOWN_CHARACTERS = 200

/** Sends a message until it has arrived, the service refuses it for good, or the tries are used up. */
export async function deliver(rooms: DeliverRooms, webhook: Webhook, message: WebhookMessage): Promise<Delivery> {
  let last = await attempt(rooms, webhook, message)
  for (const waitMs of rooms.waitsMs) {
    if (last.isGood || last.isFinal || rooms.signal.aborted) break
    await wait(waitMs, undefined, { signal: rooms.signal }).catch(() => {}) // the relay stops: the check above ends it
    last = await attempt(rooms, webhook, message)
  }
  return { isGood: last.isGood, message: last.message }
}

interface Attempted extends Delivery {
  /** Another try would go no better. */
  readonly isFinal: boolean
}

async function attempt(
  { sender, signal }: DeliverRooms,
  webhook: Webhook,
  message: WebhookMessage,
): Promise<Attempted> {
  const result = await sender.sendWhole(
    { poolKey: `webhook:${webhook.id}`, method: 'POST', ...message, timeouts: TIMEOUTS },
    { maxBytes: MAX_ANSWER_BYTES, maxErrorBytes: MAX_ANSWER_BYTES, signal },
  )
  return judge(webhook, result)
}

function judge(webhook: Webhook, result: WholeResult): Attempted {
  if (!result.ok)
    return { isGood: false, isFinal: result.failure.code === 'blocked-address', message: result.failure.message }
  const { status, body } = result.answer
  const text = Buffer.from(body).toString('utf8').slice(0, MAX_SHOWN_CHARACTERS)
  if (status < 200 || status > 299) {
    const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429
    return { isGood: false, isFinal, message: `status ${status}: ${text}` }
  }
  const code = refusalIn(webhook, Buffer.from(body).toString('utf8'))
  if (code !== undefined) return { isGood: false, isFinal: true, message: `refused with code ${code}: ${text}` }
  return { isGood: true, isFinal: true, message: `status ${status}` }
}

/** Two services answer 200 whatever they think; their code says whether they took the message. */
function refusalIn({ kind }: Webhook, text: string): string | undefined {
  if (kind !== 'feishu' && kind !== 'dingtalk') return undefined
  const answer = parse(text)
  const code = kind === 'dingtalk' ? answer['errcode'] : (answer['code'] ?? answer['StatusCode'])
  return code === 0 ? undefined : JSON.stringify(code ?? 'none')
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {} // no JSON has no code
  }
}
