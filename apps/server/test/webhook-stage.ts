import type { AccountStore } from '@relay/account-store'
import { createNetworkGuard, createSender } from '@relay/upstreams'

import { createWebhookBook } from '../src/notify/webhook-book.ts'
import { createWebhookDesk, type WebhookDesk } from '../src/notify/webhook-desk.ts'
import { createEventBus, type EventBus } from '../src/observe/events.ts'
import { createLog } from '../src/observe/log.ts'

export interface WebhookStageOptions {
  readonly events?: EventBus
  readonly allowLoopback?: boolean
}

/** Webhooks of a store that try again at once, twice. */
export function openWebhookDesk(
  store: AccountStore,
  { events = createEventBus(() => undefined), allowLoopback = true }: WebhookStageOptions = {},
): WebhookDesk {
  const sender = createSender({ guard: createNetworkGuard({ allowLoopback }) })
  const log = createLog({ level: 'silent' })
  return createWebhookDesk({ book: createWebhookBook(store), events, sender, log, waitsMs: [10, 10] })
}
