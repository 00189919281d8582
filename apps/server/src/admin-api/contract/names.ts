import * as z from 'zod'

const nameEntrySchema = z.object({ id: z.string(), name: z.string() })
/** An object that can be filtered by. */
export type NameEntry = z.infer<typeof nameEntrySchema>

/** `GET /names?accountId=`: the model to try is one of this account. */
export const nameQuerySchema = z.object({ accountId: z.string().min(1).max(100).optional() })

/** `GET /names`: what the list of requests can be filtered by, and a model to try. */
export const nameListSchema = z.object({
  keys: z.array(nameEntrySchema),
  accounts: z.array(nameEntrySchema),
  /** A model that some enabled account serves; absent where none can be named. */
  exampleModel: z.string().optional(),
})
export type NameList = z.infer<typeof nameListSchema>
