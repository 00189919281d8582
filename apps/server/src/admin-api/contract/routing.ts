import * as z from 'zod'

const modelName = z.string().min(1).max(200)

/** How accounts of one priority share the load. */
export const routingStrategySchema = z.enum(['least-in-flight', 'weighted', 'least-recently-used'])
export type RoutingStrategy = z.infer<typeof routingStrategySchema>

/** `PUT /settings/routing`; what is left out is as usual. */
export const routingInputSchema = z.strictObject({
  strategy: routingStrategySchema.default('least-in-flight'),
  /** What clients ask for → what is looked for among the accounts; `*` is a wildcard. */
  aliases: z.record(modelName, modelName).default({}),
  /** Models that are tried in turn where none of a model's accounts can answer. */
  fallbacks: z.record(modelName, z.array(modelName).max(10)).default({}),
  /** Names the account in the header `x-relay-account`. */
  showsAccount: z.boolean().default(false),
})
export type RoutingInput = z.input<typeof routingInputSchema>

/** `GET /settings/routing` */
export const routingSchema = z.object({
  settings: z.object({
    strategy: routingStrategySchema,
    aliases: z.record(z.string(), z.string()),
    fallbacks: z.record(z.string(), z.array(z.string())),
    showsAccount: z.boolean(),
  }),
  /** Those of the configuration file can only be looked at. */
  managedBy: z.enum(['operator', 'config']),
})
export type RoutingView = z.infer<typeof routingSchema>
