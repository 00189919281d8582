import type { PricedUse } from './cost.ts'
import { computeCost } from './cost.ts'
import { joinFacts, wellKnownFacts } from './model-facts.ts'
import type { ModelFacts, ModelPrice } from './model-price.ts'
import { NO_FACTS } from './model-price.ts'
import type { PriceOverrides } from './price-overrides.ts'
import { findOverride, NO_OVERRIDES } from './price-overrides.ts'
import type { PriceTable, TableSource } from './price-table.ts'
import { createPriceTable } from './price-table.ts'
import type { Rate } from './rate.ts'
import { decimalText, ONE, parseDecimal, scale, toMicroUsd } from './rate.ts'
import { createToldFacts, type ToldFacts } from './told-facts.ts'

/** What prices have to know of an account. */
export interface PricedAccount {
  readonly name: string
  readonly baseUrl: string
  readonly isDemo: boolean
  /** ISO 4217, of the costs that the upstream itself reports; USD unless said otherwise. */
  readonly currency?: string | undefined
  /** What the upstream asks in relation to the price list, as a decimal text; `1` unless said otherwise. */
  readonly priceMultiplier?: string | number | undefined
}

/** Where a cost comes from. */
export type CostSource = 'reported' | 'computed' | 'unknown'

/** A cost in whole millionths of a US dollar; `undefined` with the source `unknown`, and only then. */
export interface Cost {
  readonly costMicroUsd: number | undefined
  readonly costSource: CostSource
}

/** A request that was answered. */
export interface PricedRequest extends PricedUse {
  readonly account: PricedAccount
  /** Names of the model, the surest first: as the answer names it, as it was sent. */
  readonly models: readonly (string | undefined)[]
  /** Milliseconds since the epoch: which prices held. */
  readonly at: number
  /** A cost that the upstream itself named, in the account's currency. */
  readonly reportedCost?: number | undefined
}

/** A request that is about to be sent. */
export interface EstimatedRequest {
  /** Any of these may get it. */
  readonly accounts: readonly PricedAccount[]
  /** As it will be sent to the account. */
  readonly modelAt: (account: PricedAccount) => string | undefined
  readonly inputTokens: number
  /** What the client allows for output; `undefined` = nothing said. */
  readonly maxOutputTokens: number | undefined
  readonly at: number
}

/** A price as people read it: decimal texts for a million tokens in `currency`, before the account's multiplier. */
export interface PriceView {
  readonly source: 'table' | 'override'
  readonly currency: string
  readonly input: string | undefined
  readonly cacheRead: string | undefined
  readonly cacheWrite5m: string | undefined
  readonly cacheWrite1h: string | undefined
  readonly output: string | undefined
  /** Whose list price it is, and what the table calls the model. */
  readonly listedAs: string | undefined
}

/** Where the prices come from and how old they are. */
export interface PriceSources {
  readonly table: TableSource
  readonly overrides: { readonly entries: number; readonly date: string | undefined }
}

/** All that is known about prices and models. */
export interface PriceBook {
  costOf(request: PricedRequest): Cost
  /** An upper estimate in micro-USD: the dearest account, all input as a cache write, all output that is allowed; at most {@link MAX_ESTIMATE_MICRO_USD}. 0 where no price is known. */
  estimateCost(request: EstimatedRequest): number
  priceOf(account: PricedAccount, model: string, at: number): PriceView | undefined
  /** What the operator states, then what the upstream says, then what is generally known. */
  modelFacts(account: PricedAccount | undefined, model: string): ModelFacts
  /** Keeps what an upstream says of its models, by their names, in place of what it said before. */
  learnFacts(baseUrl: string, facts: ReadonlyMap<string, ModelFacts>): void
  sources(): PriceSources
  /** Puts other statements of the operator in force. */
  setOverrides(overrides: PriceOverrides): void
  /** Puts another table in force. */
  setTable(table: PriceTable): void
}

/** A dollar: what a single request may at most reserve. A limit can be overshot by what a request costs beyond it. */
export const MAX_ESTIMATE_MICRO_USD = 1_000_000

/** What is assumed where neither client nor table say how long an answer may be. */
const ASSUMED_OUTPUT_TOKENS = 4096

interface FoundPrice {
  readonly price: ModelPrice
  readonly source: PriceView['source']
  readonly listedAs: string | undefined
}

/** Opens the book over the bundled table. */
export function createPriceBook(first: PriceTable = createPriceTable()): PriceBook {
  let table = first
  let overrides = NO_OVERRIDES
  const told = createToldFacts()

  function findPrice(account: PricedAccount, model: string, at: number): FoundPrice | undefined {
    const own = findOverride(overrides, { model, account: account.name }, ({ price }) => price !== undefined)
    if (own?.price !== undefined) return { price: own.price, source: 'override', listedAs: undefined }
    const listed = table.find({ model, baseUrl: account.baseUrl, at })
    if (listed === undefined) return undefined
    return { price: listed.price, source: 'table', listedAs: `${listed.provider}/${listed.model}` }
  }

  function findFirst(request: PricedRequest): FoundPrice | undefined {
    const { account, models, at } = request
    for (const model of models) {
      const found = model === undefined ? undefined : findPrice(account, model, at)
      if (found !== undefined) return found
    }
    return undefined
  }

  function computed(request: PricedRequest): number | undefined {
    const found = findFirst(request)
    const cost = found === undefined ? undefined : computeCost(found.price, request)
    const usd = cost === undefined || found === undefined ? undefined : toUsd(cost, found.price.currency, overrides)
    const multiplier = multiplierOf(request.account)
    return usd === undefined || multiplier === undefined ? undefined : toMicroUsd(scale(usd, multiplier))
  }

  function costOf(request: PricedRequest): Cost {
    if (request.account.isDemo) return { costMicroUsd: 0, costSource: 'computed' }
    const reported = reportedMicroUsd(request, overrides)
    if (reported !== undefined) return { costMicroUsd: reported, costSource: 'reported' }
    const costMicroUsd = computed(request)
    return { costMicroUsd, costSource: costMicroUsd === undefined ? 'unknown' : 'computed' }
  }

  const modelFacts: PriceBook['modelFacts'] = (account, model) => findFacts({ overrides, told, table }, account, model)

  function estimateAt(account: PricedAccount, request: EstimatedRequest): number {
    const model = request.modelAt(account)
    if (model === undefined || account.isDemo) return 0
    const most = modelFacts(account, model).maxOutputTokens
    const outputTokens = Math.min(request.maxOutputTokens ?? ASSUMED_OUTPUT_TOKENS, most ?? Infinity)
    const { inputTokens, at } = request
    const use = (tokens: { inputTokens: number; cacheWrite1hTokens: number }): number =>
      computed({ account, models: [model], at, tokens: { ...NO_TOKENS, ...tokens, outputTokens } }) ?? 0
    return Math.max(
      use({ inputTokens, cacheWrite1hTokens: 0 }),
      use({ inputTokens: 0, cacheWrite1hTokens: inputTokens }),
    )
  }

  return {
    costOf,
    estimateCost: (request) =>
      Math.min(MAX_ESTIMATE_MICRO_USD, Math.max(0, ...request.accounts.map((account) => estimateAt(account, request)))),
    priceOf: (account, model, at) => {
      const found = findPrice(account, model, at)
      return found === undefined ? undefined : toView(found)
    },
    modelFacts,
    learnFacts: told.learn,
    sources: () => ({ table: table.source, overrides: { entries: overrides.entries.length, date: overrides.date } }),
    setOverrides: (next) => {
      overrides = next
    },
    setTable: (next) => {
      table = next
    },
  }
}

const NO_ACCOUNT = { name: '', baseUrl: '' } as const

const NO_TOKENS = {
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWriteOtherTokens: 0,
  reasoningTokens: undefined,
} as const

interface FactSources {
  readonly overrides: PriceOverrides
  readonly told: ToldFacts
  readonly table: PriceTable
}

function findFacts(
  { overrides, told, table }: FactSources,
  account: PricedAccount | undefined,
  model: string,
): ModelFacts {
  const { name, baseUrl } = account ?? NO_ACCOUNT
  const own = findOverride(overrides, { model, account: name }, hasFacts)?.facts ?? NO_FACTS
  const said = told.find(baseUrl, model)
  const listed = table.find({ model, baseUrl, at: Date.now() })
  return joinFacts([own, said, wellKnownFacts(model), { ...NO_FACTS, contextWindow: listed?.contextWindow }])
}

function hasFacts({ facts }: PriceOverrides['entries'][number]): boolean {
  return Object.values(facts).some((fact) => fact !== undefined)
}

function toUsd(amount: bigint, currency: string, { exchangeRates }: PriceOverrides): bigint | undefined {
  const rate = currency === 'USD' ? ONE : exchangeRates.get(currency)
  return rate === undefined ? undefined : scale(amount, rate)
}

function reportedMicroUsd({ account, reportedCost }: PricedRequest, overrides: PriceOverrides): number | undefined {
  const amount = reportedCost === undefined ? undefined : parseDecimal(reportedCost)
  const usd = amount === undefined ? undefined : toUsd(amount * 1_000_000n, account.currency ?? 'USD', overrides)
  return usd === undefined ? undefined : toMicroUsd(usd)
}

function multiplierOf({ priceMultiplier }: PricedAccount): bigint | undefined {
  const isOne = priceMultiplier === undefined || Number(priceMultiplier) === 1
  return isOne ? ONE : parseDecimal(priceMultiplier)
}

function toView({ price, source, listedAs }: FoundPrice): PriceView {
  return {
    source,
    currency: price.currency,
    input: rateText(price.input),
    cacheRead: rateText(price.cacheRead),
    cacheWrite5m: rateText(price.cacheWrite5m),
    cacheWrite1h: rateText(price.cacheWrite1h),
    output: rateText(price.output),
    listedAs,
  }
}

function rateText(rate: Rate | undefined): string | undefined {
  return rate === undefined ? undefined : decimalText(rate.base)
}
