import * as z from 'zod'

/** `GET /about`: what is running here. */
export const aboutSchema = z.object({
  version: z.string(),
  node: z.string(),
  store: z.object({ backend: z.enum(['sqlite', 'redis']), schemaVersion: z.number(), isWritable: z.boolean() }),
  usageQueue: z.object({ waiting: z.number(), dropped: z.number() }),
  /** When the newest backup in the data folder of this node was made; absent: there is none. */
  newestBackupAt: z.number().optional(),
})
export type About = z.infer<typeof aboutSchema>
