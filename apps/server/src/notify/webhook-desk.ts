import { randomUUID } from 'node:crypto'

import type { EventBus, RelayEvent } from '../observe/events.ts'
import type { Log } from '../observe/log.ts'
import { deliver, type Delivery, type DeliverRooms } from './deliver.ts'
import type { Webhook, WebhookBook } from './webhook-book.ts'
import { writeMessage } from './write-message.ts'

/** Waits between the tries of a message: it survives an outage of some minutes. */
const WAITS_MS = [1_000, 10_000, 60_000, 300_000]
/** Messages on their way at once; more than that is a flood that nobody reads. */
const MAX_UNDER_WAY = 100

/** How the last message of a webhook went on this node. */
export interface LastDelivery extends Delivery {
  readonly at: number
}

/** Tells webhooks of events. */
export interface WebhookDesk {
  readonly book: WebhookBook
  /** Sends a test message once. */
  test(webhook: Webhook): Promise<Delivery>
  lastDelivery(webhookId: string): LastDelivery | undefined
  /** Gives up what is on its way. */
  stop(): void
}

export interface WebhookDeskInit {
  readonly book: WebhookBook
  readonly events: EventBus
  readonly sender: DeliverRooms['sender']
  readonly log: Log
  /** Other waits than the usual ones. */
  readonly waitsMs?: readonly number[]
}

export function createWebhookDesk({ book, events, sender, log, waitsMs = WAITS_MS }: WebhookDeskInit): WebhookDesk {
  const stopping = new AbortController()
  const last = new Map<string, LastDelivery>()
  let underWay = 0
  const silence = events.listen((event) => {
    tellAll(event).catch((error: unknown) => log.error({ error }, 'webhooks could not be read'))
  })

  async function tellAll(event: RelayEvent): Promise<void> {
    const webhooks = await book.list()
    const wanted = webhooks.filter((webhook) => webhook.enabled && (webhook.events?.includes(event.type) ?? true))
    await Promise.all(wanted.map((webhook) => tell(webhook, event)))
  }

  async function tell(webhook: Webhook, event: RelayEvent): Promise<void> {
    if (underWay >= MAX_UNDER_WAY)
      return log.error({ webhook: webhook.name, event: event.type }, 'too many webhook messages; this one is not sent')
    underWay += 1
    try {
      const { isGood, message } = await send(webhook, event, waitsMs)
      if (!isGood) log.warn({ webhook: webhook.name, event: event.type, reason: message }, 'a webhook was not told')
    } finally {
      underWay -= 1
    }
  }

  async function send(
    webhook: Webhook,
    event: Parameters<typeof writeMessage>[1],
    waits: readonly number[],
  ): Promise<Delivery> {
    const message = writeMessage(webhook, event, { id: randomUUID(), nowMs: Date.now() })
    const delivery = await deliver({ sender, waitsMs: waits, signal: stopping.signal }, webhook, message)
    last.set(webhook.id, { at: Date.now(), ...delivery })
    return delivery
  }

  return {
    book,
    test: (webhook) => send(webhook, { type: 'test', at: Date.now() }, []),
    lastDelivery: (webhookId) => last.get(webhookId),
    stop: () => {
      silence()
      stopping.abort()
    },
  }
}
