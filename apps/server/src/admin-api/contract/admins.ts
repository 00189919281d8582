import * as z from 'zod'

import { adminRoleSchema, tokenScopeSchema } from './access.ts'

/** Someone who may sign in. */
export const adminSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: adminRoleSchema,
  enabled: z.boolean(),
  /** Has a one-time password that was not replaced yet. */
  mustChangePassword: z.boolean(),
  createdAt: z.number(),
  passwordChangedAt: z.number(),
})
export type Admin = z.infer<typeof adminSchema>

/** `GET /admins` */
export const adminListSchema = z.object({ admins: z.array(adminSchema) })
export type AdminList = z.infer<typeof adminListSchema>

/** `POST /admins` */
export const adminInputSchema = z.object({ name: z.string().trim().min(1).max(64), role: adminRoleSchema })
export type AdminInput = z.infer<typeof adminInputSchema>

/** `PATCH /admins/{id}` */
export const adminChangeSchema = z.object({ role: adminRoleSchema.optional(), enabled: z.boolean().optional() })
export type AdminChange = z.infer<typeof adminChangeSchema>

/** An admin with the password that is shown this once, and has to be replaced at the first sign-in. */
export const adminWithPasswordSchema = z.object({ admin: adminSchema, oneTimePassword: z.string() })
export type AdminWithPassword = z.infer<typeof adminWithPasswordSchema>

/** A program's way into this API. */
export const apiTokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Whom it acts for. */
  userName: z.string(),
  scopes: z.array(z.string()),
  secretLastFour: z.string(),
  createdAt: z.number(),
  expiresAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
})
export type ApiTokenView = z.infer<typeof apiTokenSchema>

/** `GET /tokens`: the own ones; those of everybody for the role admin. */
export const apiTokenListSchema = z.object({ tokens: z.array(apiTokenSchema) })
export type ApiTokenList = z.infer<typeof apiTokenListSchema>

/** `POST /tokens` */
export const apiTokenInputSchema = z.object({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(tokenScopeSchema).min(1),
  /** Left out for a token without an end. */
  expiresInDays: z.number().int().min(1).max(3650).optional(),
})
export type ApiTokenInputBody = z.infer<typeof apiTokenInputSchema>

/** A token with its secret, which is shown this once. */
export const issuedApiTokenSchema = z.object({ token: apiTokenSchema, secret: z.string() })
export type IssuedApiTokenView = z.infer<typeof issuedApiTokenSchema>
