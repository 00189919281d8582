import { z } from 'zod'

/** `GET /about`: what is running here. */
export const aboutSchema = z.object({
  version: z.string(),
  node: z.string(),
  store: z.object({ backend: z.enum(['sqlite', 'redis']), schemaVersion: z.number(), isWritable: z.boolean() }),
  usageQueue: z.object({ waiting: z.number(), dropped: z.number() }),
})
export type About = z.infer<typeof aboutSchema>
