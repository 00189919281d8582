import { createHmac } from 'node:crypto'

import type { RelayEvent } from '../observe/events.ts'
import { describeEvent, type TestEvent, type Words } from './describe-event.ts'
import type { Webhook } from './webhook-book.ts'

/** A request that tells one webhook of one event. */
export interface WebhookMessage {
  readonly url: string
  /** Names and values, alternating. */
  readonly headers: readonly string[]
  readonly body: string
}

/** When and as what a message goes out; a repeated one keeps its id, so that its reader can tell. */
export interface MessageFacts {
  readonly id: string
  readonly nowMs: number
}

/**
 * Writes the message of an event for a webhook, signed in the way of its service.
 *
 * @remarks Sources: Slack, "Sending messages using incoming webhooks"; Feishu, "Custom bot usage guide"; DingTalk, "Custom
 * robot access" (all read November 2026). Our own JSON carries `x-relay-signature: t=<seconds>,v1=<hex>`, the HMAC-SHA256 of
 * `<seconds>.<body>` under the secret.
 */
export function writeMessage(webhook: Webhook, event: RelayEvent | TestEvent, facts: MessageFacts): WebhookMessage {
  const words = describeEvent(event, webhook.language)
  switch (webhook.kind) {
    case 'json':
      return writeJson(webhook, { ...facts, event, words })
    case 'slack':
      return asJson(webhook.url, { text: `*${escapeSlack(words.title)}*\n${escapeSlack(words.text)}` })
    case 'feishu':
      return asJson(webhook.url, {
        ...feishuSignature(webhook.secret, facts.nowMs),
        msg_type: 'text',
        content: { text: plain(words) },
      })
    case 'dingtalk':
      return asJson(dingtalkUrl(webhook, facts.nowMs), { msgtype: 'text', text: { content: plain(words) } })
  }
}

interface JsonMessage extends MessageFacts {
  readonly event: RelayEvent | TestEvent
  readonly words: Words
}

function writeJson({ url, secret }: Webhook, { id, nowMs, event, words }: JsonMessage): WebhookMessage {
  const message = asJson(url, { id, ...event, ...words })
  const headers = [...message.headers, 'x-relay-event', event.type, 'x-relay-delivery', id]
  if (secret === undefined) return { ...message, headers }
  const seconds = Math.floor(nowMs / 1000)
  const digest = createHmac('sha256', secret).update(`${seconds}.${message.body}`).digest('hex')
  return { ...message, headers: [...headers, 'x-relay-signature', `t=${seconds},v1=${digest}`] }
}

function asJson(url: string, body: object): WebhookMessage {
  return {
    url,
    headers: ['content-type', 'application/json; charset=utf-8', 'user-agent', 'relay'],
    body: JSON.stringify(body),
  }
}

function plain({ title, text }: Words): string {
  return `Relay · ${title}\n${text}`
}

/** Slack reads these three characters as markup. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The service signs nothing under a key made of time and secret. */
function feishuSignature(secret: string | undefined, nowMs: number): object {
  if (secret === undefined) return {}
  const timestamp = String(Math.floor(nowMs / 1000))
  return { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).digest('base64') }
}

/** The service takes time and signature in the address. */
function dingtalkUrl({ url, secret }: Webhook, nowMs: number): string {
  if (secret === undefined) return url
  const signed = new URL(url)
  const sign = createHmac('sha256', secret).update(`${nowMs}\n${secret}`).digest('base64')
  signed.searchParams.set('timestamp', String(nowMs))
  signed.searchParams.set('sign', sign)
  return signed.href
}
