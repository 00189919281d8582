import * as z from 'zod'

/** Who reads the message, which decides its shape. */
export const webhookKindSchema = z.enum(['json', 'slack', 'feishu', 'dingtalk'])
export type WebhookKind = z.infer<typeof webhookKindSchema>

/** What a webhook may be told of. */
export const webhookEventSchema = z.enum(['account.down', 'account.up', 'budget.reached', 'errors.many', 'errors.few'])
export type WebhookEvent = z.infer<typeof webhookEventSchema>

const nameSchema = z.string().trim().min(1).max(100)
const urlSchema = z.url({ protocol: /^https?$/ }).max(2000)
const secretSchema = z.string().max(500)

/** `POST /webhooks`: the address and the secret are written only. */
export const webhookInputSchema = z.object({
  name: nameSchema,
  kind: webhookKindSchema,
  url: urlSchema,
  /** Signs the messages; left out, they are not signed. */
  secret: secretSchema.optional(),
  language: z.enum(['en', 'zh']).default('en'),
  /** Left out: all. */
  events: z.array(webhookEventSchema).min(1).max(20).optional(),
  enabled: z.boolean().default(true),
})
export type WebhookInput = z.infer<typeof webhookInputSchema>

/** `PATCH /webhooks/{id}`: what is there is changed; another address needs its secret again. */
export const webhookChangeSchema = z.object({
  name: nameSchema.optional(),
  kind: webhookKindSchema.optional(),
  url: urlSchema.optional(),
  /** An empty one takes it away. */
  secret: secretSchema.optional(),
  language: z.enum(['en', 'zh']).optional(),
  events: z.array(webhookEventSchema).min(1).max(20).optional(),
  enabled: z.boolean().optional(),
})
export type WebhookChange = z.infer<typeof webhookChangeSchema>

/** A webhook as it is shown: of the address the host only, for the rest of it is a secret at many services. */
export const webhookSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: webhookKindSchema,
  host: z.string(),
  isSigned: z.boolean(),
  language: z.enum(['en', 'zh']),
  events: z.array(webhookEventSchema),
  enabled: z.boolean(),
  /** How the last message went, as far as this node knows. */
  lastDelivery: z.object({ at: z.number(), isGood: z.boolean(), message: z.string() }).optional(),
})
export type WebhookView = z.infer<typeof webhookSchema>

/** `GET /webhooks`. */
export const webhookListSchema = z.object({ webhooks: z.array(webhookSchema) })
export type WebhookList = z.infer<typeof webhookListSchema>

/** `POST /webhooks/{id}/test`: whether a message went through, and what came back. */
export const webhookTestSchema = z.object({ isGood: z.boolean(), message: z.string() })
export type WebhookTest = z.infer<typeof webhookTestSchema>
