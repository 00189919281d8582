import { STRATEGIES } from '@relay/account-store'
import { resolveModel } from '@relay/upstreams'
import * as z from 'zod'

const USUAL = { strategy: 'least-in-flight', aliases: {}, fallbacks: {}, showsAccount: false } as const

const modelName = z.string().min(1).max(200)

/** How requests find their accounts, for the whole relay; what is left out is as usual. */
export const routingSettingsSchema = z.strictObject({
  /** How accounts of one priority share the load. */
  strategy: z.enum(STRATEGIES).default(USUAL.strategy),
  /** What clients ask for → what is looked for among the accounts; `*` as in an account's model map. */
  aliases: z.record(modelName, modelName).default(USUAL.aliases),
  /** Models that are tried in turn where none of a model's accounts can answer. */
  fallbacks: z.record(modelName, z.array(modelName).max(10)).default(USUAL.fallbacks),
  /** Names the account in the header `x-relay-account`. */
  showsAccount: z.boolean().default(USUAL.showsAccount),
})

/** See {@link routingSettingsSchema}. */
export type RoutingSettings = z.infer<typeof routingSettingsSchema>

/** What holds while nobody has decided anything. */
export const USUAL_ROUTING: RoutingSettings = USUAL

/** The models that a request for one may be served with, the one that is meant first. */
export function modelsFor({ aliases, fallbacks }: RoutingSettings, asked: string): readonly [string, ...string[]] {
  const meant = Object.keys(aliases).length === 0 ? asked : (resolveModel(aliases, asked) ?? asked)
  if (Object.keys(fallbacks).length === 0) return [meant]
  const chain = [meant, asked].map((name) => (Object.hasOwn(fallbacks, name) ? fallbacks[name] : undefined))
  const others = (chain.find((models) => models !== undefined) ?? []).filter((model) => model !== meant)
  return [meant, ...new Set(others)]
}
