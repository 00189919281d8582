import * as z from 'zod'

/** A set of rules as data. Whether it can be used is for the compiler to say. */
const ruleSourceSchema = z.record(z.string(), z.unknown())

/** A saved state of a set of rules. */
export const ruleVersionSchema = z.object({
  number: z.number(),
  savedAt: z.number(),
  savedBy: z.string(),
  note: z.string(),
  ruleCount: z.number(),
})
export type RuleVersion = z.infer<typeof ruleVersionSchema>

/** `GET /rules/{place}`: what is in use, what is tried in the shadow, and what was saved before, newest first. */
export const ruleBookSchema = z.object({
  place: z.string(),
  /** Name of the account; absent for the rules of all accounts. */
  accountName: z.string().optional(),
  /** Absent when there are none. */
  active: ruleSourceSchema.optional(),
  shadow: ruleSourceSchema.optional(),
  /** Rules of the configuration file, which come first and are changed there. */
  fromConfig: ruleSourceSchema.optional(),
  /** The account comes from the configuration file: its rules are changed there. */
  isManaged: z.boolean(),
  versions: z.array(ruleVersionSchema),
})
export type RuleBookEntry = z.infer<typeof ruleBookSchema>

/** `PUT /rules/{place}`: takes rules into use, or into the shadow. Rules with mistakes or failing tests are refused. */
export const ruleInputSchema = z.object({
  mode: z.enum(['active', 'shadow']),
  /** Left out: no rules. */
  source: ruleSourceSchema.optional(),
  note: z.string().max(200),
  /** The newest version the writer has seen; another one means that somebody else has saved meanwhile. */
  baseVersion: z.number().int().min(0),
})
export type RuleInput = z.infer<typeof ruleInputSchema>

/** `GET /rules/{place}/versions/{number}`: what was saved. */
export const ruleVersionSourceSchema = z.object({ number: z.number(), source: ruleSourceSchema.optional() })
export type RuleVersionSource = z.infer<typeof ruleVersionSourceSchema>

/** `GET /rules`: the places that can have rules. */
export const rulePlaceListSchema = z.object({
  places: z.array(
    z.object({
      place: z.string(),
      accountName: z.string().optional(),
      ruleCount: z.number(),
      shadowCount: z.number(),
    }),
  ),
})
export type RulePlaceList = z.infer<typeof rulePlaceListSchema>
