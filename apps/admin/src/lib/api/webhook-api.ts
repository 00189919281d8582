import { webhookListSchema, webhookSchema, webhookTestSchema } from '@relay/server/admin-contract'
import type { WebhookChange, WebhookInput, WebhookList, WebhookTest, WebhookView } from '@relay/server/admin-contract'

import { call } from './call.ts'

const webhook = (id: string, rest = ''): string => `/webhooks/${encodeURIComponent(id)}${rest}`

/** Who is told of events. */
export const webhookApi = {
  listWebhooks: (): Promise<WebhookList> => call({ path: '/webhooks', answer: webhookListSchema }),
  createWebhook: (body: WebhookInput): Promise<WebhookView> =>
    call({ method: 'POST', path: '/webhooks', body, answer: webhookSchema }),
  updateWebhook: (id: string, body: WebhookChange): Promise<WebhookView> =>
    call({ method: 'PATCH', path: webhook(id), body, answer: webhookSchema }),
  testWebhook: (id: string): Promise<WebhookTest> =>
    call({ method: 'POST', path: webhook(id, '/test'), answer: webhookTestSchema }),
  removeWebhook: (id: string): Promise<WebhookList> =>
    call({ method: 'DELETE', path: webhook(id), answer: webhookListSchema }),
}
