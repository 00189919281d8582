import type { AccountStore } from '@relay/account-store'
import type { Sender } from '@relay/upstreams'

import { createEventBus, type EventBus } from '../observe/events.ts'
import type { Log } from '../observe/log.ts'
import { createErrorWatch, type ErrorWatch } from './error-watch.ts'
import { createWebhookBook } from './webhook-book.ts'
import { createWebhookDesk, type WebhookDesk } from './webhook-desk.ts'

/** Carries what happens to those who want to be told. */
export interface Notifier {
  readonly events: EventBus
  readonly webhooks: WebhookDesk
  readonly errors: ErrorWatch
}

export interface NotifierRooms {
  readonly store: AccountStore
  readonly sender: Sender
  readonly log: Log
}

export function openNotifier({ store, sender, log }: NotifierRooms): Notifier {
  const events = createEventBus((error) => log.error({ error }, 'an event could not be told'))
  const webhooks = createWebhookDesk({ book: createWebhookBook(store), events, sender, log })
  return { events, webhooks, errors: createErrorWatch(events) }
}
