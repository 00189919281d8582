import * as z from 'zod'

import { adminRoleSchema } from './access.ts'

/** Fewest characters of an admin password. */
export const MIN_PASSWORD_LENGTH = 12
/** Most characters of an admin password. */
export const MAX_PASSWORD_LENGTH = 256

/** `POST /session`: signs in. */
export const signInSchema = z.object({
  name: z.string().min(1).max(64),
  password: z.string().min(1).max(MAX_PASSWORD_LENGTH),
})
export type SignIn = z.infer<typeof signInSchema>

/** `POST /session/password`: sets a new password and ends all sessions of the user. */
export const passwordChangeSchema = z.object({
  currentPassword: z.string().min(1).max(MAX_PASSWORD_LENGTH),
  newPassword: z.string().min(MIN_PASSWORD_LENGTH).max(MAX_PASSWORD_LENGTH),
})
export type PasswordChangeBody = z.infer<typeof passwordChangeSchema>

/** `GET /session` and `POST /session`: who is signed in, if anyone. */
export const sessionStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('none') }),
  z.object({ state: z.literal('password-change-required'), userName: z.string() }),
  z.object({
    state: z.literal('signed-in'),
    userName: z.string(),
    role: adminRoleSchema,
    expiresAt: z.number(),
  }),
])
export type SessionState = z.infer<typeof sessionStateSchema>

/** One live session of the person who asks. */
export const sessionEntrySchema = z.object({
  /** Names the session; it cannot be used to sign in. */
  id: z.string(),
  isCurrent: z.boolean(),
  createdAt: z.number(),
  lastSeenAt: z.number(),
  expiresAt: z.number(),
  address: z.string().optional(),
  userAgent: z.string().optional(),
})
export type SessionEntry = z.infer<typeof sessionEntrySchema>

/** `GET /sessions`: newest first. */
export const sessionListSchema = z.object({ sessions: z.array(sessionEntrySchema) })
export type SessionList = z.infer<typeof sessionListSchema>
