import * as z from 'zod'

/** Classes into which an account's own rules may put an answer. The panel has words for each in every language. */
export const errorClassNameSchema = z.enum([
  'rate-limited',
  'overloaded',
  'server-error',
  'timeout',
  'credential-refused',
  'quota-used-up',
  'model-unknown',
  'unsupported',
  'bad-request',
  'context-too-long',
  'content-refused',
])
export type ErrorClassName = z.infer<typeof errorClassNameSchema>

/** A rule about an upstream's error answers; all conditions that are there must hold. */
export const errorClassRuleSchema = z.object({
  status: z.number().int().optional(),
  /** Text that the body holds, whatever its case. */
  body: z.string().optional(),
  header: z.object({ name: z.string(), value: z.string().optional() }).optional(),
  /** One of `errorClassNameSchema`; any other puts nothing anywhere. */
  class: z.string(),
})
