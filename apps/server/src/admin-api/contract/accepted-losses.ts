import * as z from 'zod'

/** A standing loss that somebody has accepted for an account. */
const acceptedLossSchema = z.object({
  accountId: z.string(),
  accountName: z.string(),
  code: z.string(),
  by: z.string(),
  at: z.number(),
})
export type AcceptedLossEntry = z.infer<typeof acceptedLossSchema>

/** `GET /accepted-losses`: of all accounts. */
export const acceptedLossListSchema = z.object({ losses: z.array(acceptedLossSchema) })
export type AcceptedLossList = z.infer<typeof acceptedLossListSchema>

/** `POST /accepted-losses`: accepts a standing loss for an account. */
export const acceptLossSchema = z.object({
  accountId: z.string().min(1).max(200),
  code: z.string().min(1).max(100),
})
export type AcceptLossBody = z.infer<typeof acceptLossSchema>
