import { type ModelFacts, NO_FACTS } from './model-price.ts'

/** What upstreams say of their models. */
export interface ToldFacts {
  find(baseUrl: string, model: string): ModelFacts
  /** Keeps what an upstream says, by the names of its models, in place of what it said before. */
  learn(baseUrl: string, facts: ReadonlyMap<string, ModelFacts>): void
}

/** Upstreams whose words are kept; beyond this all are forgotten, and said again when they are asked again. */
const MAX_UPSTREAMS = 1000

export function createToldFacts(): ToldFacts {
  const told = new Map<string, ReadonlyMap<string, ModelFacts>>()
  return {
    find: (baseUrl, model) => told.get(baseUrl)?.get(model) ?? NO_FACTS,
    learn: (baseUrl, facts) => {
      if (told.size >= MAX_UPSTREAMS) told.clear()
      told.set(baseUrl, facts)
    },
  }
}
