import type { AuditObject } from '@relay/account-store'

import type { Webhook } from '../notify/webhook-book.ts'
import { WebhookError } from '../notify/webhook-book.ts'
import type { WebhookDesk } from '../notify/webhook-desk.ts'
import { EVENT_TYPES } from '../observe/events.ts'
import { refuse } from './admin-answer.ts'
import type { AdminContext } from './admin-rooms.ts'
import {
  webhookChangeSchema,
  webhookInputSchema,
  webhookListSchema,
  webhookSchema,
  webhookTestSchema,
} from './contract/index.ts'
import type { WebhookView } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** Who is told of events, and a test of each. */
export function addWebhookRoutes(router: AdminRouter): void {
  const desk = router.rooms.webhooks
  addListRoutes(router, desk)
  addChangeRoutes(router, desk)
}

function addListRoutes({ add }: AdminRouter, desk: WebhookDesk): void {
  add(
    {
      method: 'GET',
      path: '/webhooks',
      summary: 'Lists who is told of events; of addresses the host only.',
      role: 'operator',
      scope: 'settings:read',
      answer: webhookListSchema,
    },
    async () => ({ webhooks: (await desk.book.list()).map((webhook) => toView(desk, webhook)) }),
  )
  add(
    {
      method: 'POST',
      path: '/webhooks',
      summary: 'Adds a webhook.',
      role: 'admin',
      scope: 'settings:write',
      body: webhookInputSchema,
      answer: webhookSchema,
    },
    async ({ context, body, note }) =>
      answering(context, async () => {
        const webhook = await desk.book.add(body)
        await note({ action: 'webhook.create', object: toObject(webhook), after: toView(desk, webhook) })
        return toView(desk, webhook)
      }),
  )
  add(
    {
      method: 'POST',
      path: '/webhooks/:id/test',
      summary: 'Sends a test message once and says how it went.',
      role: 'operator',
      scope: 'settings:write',
      answer: webhookTestSchema,
    },
    async ({ context, part }) => {
      const webhook = (await desk.book.list()).find(({ id }) => id === part('id'))
      if (webhook === undefined) return refuse(context, { code: 'not-found', message: 'There is no such webhook.' })
      return desk.test(webhook)
    },
  )
}

function addChangeRoutes({ add }: AdminRouter, desk: WebhookDesk): void {
  add(
    {
      method: 'PATCH',
      path: '/webhooks/:id',
      summary: 'Changes a webhook; another host needs the secret again.',
      role: 'admin',
      scope: 'settings:write',
      body: webhookChangeSchema,
      answer: webhookSchema,
    },
    async ({ context, body, part, note }) =>
      answering(context, async () => {
        const webhook = await desk.book.change(part('id'), body)
        await note({ action: 'webhook.update', object: toObject(webhook), after: toView(desk, webhook) })
        return toView(desk, webhook)
      }),
  )
  add(
    {
      method: 'DELETE',
      path: '/webhooks/:id',
      summary: 'Removes a webhook.',
      role: 'admin',
      scope: 'settings:write',
      answer: webhookListSchema,
    },
    async ({ context, part, note }) =>
      answering(context, async () => {
        const removed = await desk.book.remove(part('id'))
        await note({ action: 'webhook.remove', object: toObject(removed), before: toView(desk, removed) })
        return { webhooks: (await desk.book.list()).map((webhook) => toView(desk, webhook)) }
      }),
  )
}

async function answering<Answer>(context: AdminContext, work: () => Promise<Answer>): Promise<Answer | Response> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error
    return refuse(context, { code: error.code, message: error.message })
  }
}

function toObject({ id, name }: Webhook): AuditObject {
  return { kind: 'webhook', id, name }
}

function toView(desk: WebhookDesk, { id, name, kind, url, secret, language, events, enabled }: Webhook): WebhookView {
  const lastDelivery = desk.lastDelivery(id)
  return {
    id,
    name,
    kind,
    host: new URL(url).host,
    isSigned: secret !== undefined,
    language,
    events: [...(events ?? EVENT_TYPES)],
    enabled,
    lastDelivery,
  }
}
