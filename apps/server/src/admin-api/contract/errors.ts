import * as z from 'zod'

// Zod would try to make functions of text, which the panel's security policy forbids.
z.config({ jitless: true })

/** What can go wrong, as a closed list the panel has words for. */
export const adminErrorCodeSchema = z.enum([
  'not-signed-in',
  'password-change-required',
  'sign-in-refused',
  'too-many-attempts',
  'cross-site-request',
  'forbidden',
  'invalid-request',
  'not-found',
  'name-taken',
  'credential-required',
  'managed-by-config',
  'last-admin',
  'conflict',
  'busy',
  'method-not-allowed',
  'body-too-large',
  'store-unavailable',
  'internal-error',
])
export type AdminErrorCode = z.infer<typeof adminErrorCodeSchema>

/** Body of every answer that is not a success. */
export const adminErrorSchema = z.object({
  error: z.object({
    code: adminErrorCodeSchema,
    message: z.string(),
    /** The field that is wrong, where there is one. */
    field: z.string().optional(),
    /** How long to wait before the next try makes sense. */
    retryAfterMs: z.number().optional(),
  }),
})
export type AdminErrorBody = z.infer<typeof adminErrorSchema>
