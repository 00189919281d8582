import { randomUUID } from 'node:crypto'

import type { AccountStore } from '@relay/account-store'
import * as z from 'zod'

import { type WebhookChange, type WebhookInput, webhookInputSchema } from '../admin-api/contract/webhooks.ts'

/** The sealed setting that holds all webhooks as JSON. */
const SETTING = 'webhooks'
const MAX_WEBHOOKS = 20

const storedSchema = z.array(webhookInputSchema.extend({ id: z.string() }))

/** Where events are told; address and secret are known to this process only. */
export type Webhook = z.output<typeof storedSchema>[number]

/** Trouble that the caller can mend. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError'
  readonly code: 'not-found' | 'invalid-request'

  constructor(code: 'not-found' | 'invalid-request', message: string) {
    super(message)
    this.code = code
  }
}

/** The webhooks as the store keeps them. */
export interface WebhookBook {
  list(): Promise<readonly Webhook[]>
  /** @throws WebhookError when there are too many */
  add(input: WebhookInput): Promise<Webhook>
  /** @throws WebhookError for an unknown one, and for another address without its secret */
  change(id: string, change: WebhookChange): Promise<Webhook>
  /** @throws WebhookError for an unknown one */
  remove(id: string): Promise<Webhook>
}

type BookStore = Pick<AccountStore, 'readSealedSetting' | 'writeSealedSetting'>

export function createWebhookBook(store: BookStore): WebhookBook {
  async function list(): Promise<readonly Webhook[]> {
    const text = await store.readSealedSetting(SETTING)
    return text === undefined ? [] : storedSchema.parse(JSON.parse(text))
  }

  async function write(webhooks: readonly Webhook[]): Promise<void> {
    await store.writeSealedSetting(SETTING, JSON.stringify(webhooks))
  }

  async function find(id: string): Promise<{ readonly all: readonly Webhook[]; readonly webhook: Webhook }> {
    const all = await list()
    const webhook = all.find((candidate) => candidate.id === id)
    if (webhook === undefined) throw new WebhookError('not-found', 'There is no such webhook.')
    return { all, webhook }
  }

  return {
    list,
    add: async (input) => {
      const all = await list()
      if (all.length >= MAX_WEBHOOKS)
        throw new WebhookError('invalid-request', `There are ${MAX_WEBHOOKS} webhooks, which is the most.`)
      const webhook = { ...input, id: randomUUID() }
      await write([...all, webhook])
      return webhook
    },
    change: async (id, change) => {
      const { all, webhook } = await find(id)
      const changed = applyChange(webhook, change)
      await write(all.map((candidate) => (candidate.id === id ? changed : candidate)))
      return changed
    },
    remove: async (id) => {
      const { all, webhook } = await find(id)
      await write(all.filter((candidate) => candidate.id !== id))
      return webhook
    },
  }
}

/** A stored secret never goes to another host than the one it was given for. */
function applyChange(webhook: Webhook, { secret, ...change }: WebhookChange): Webhook {
  const next = { ...webhook, ...change }
  const isElsewhere = new URL(next.url).host !== new URL(webhook.url).host
  if (isElsewhere && webhook.secret !== undefined && secret === undefined) {
    throw new WebhookError('invalid-request', 'Another host needs the secret again; an empty one takes it away.')
  }
  if (secret === undefined) return next
  return { ...next, secret: secret === '' ? undefined : secret }
}
