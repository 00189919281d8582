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

/** What a field has to be; the panel has words for it. */
const fieldRuleSchema = z.object({
  code: z.enum([
    'length',
    'range',
    'whole-number',
    'no-edge-space',
    'printable',
    'web-url',
    'proxy-url',
    'time-zone',
    'time-of-day',
    'network',
  ]),
  /** Bounds of a number or of a length, both included. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** What was entered, where it is no secret. */
  value: z.string().optional(),
})
export type FieldRule = z.infer<typeof fieldRuleSchema>

/** Body of every answer that is not a success. */
export const adminErrorSchema = z.object({
  error: z.object({
    code: adminErrorCodeSchema,
    message: z.string(),
    /** The field that is wrong, where there is one. */
    field: z.string().optional(),
    /** Which rule it breaks, where that is one of the usual ones. */
    rule: fieldRuleSchema.optional(),
    /** How long to wait before the next try makes sense. */
    retryAfterMs: z.number().optional(),
  }),
})
export type AdminErrorBody = z.infer<typeof adminErrorSchema>
