import type { Account } from '@relay/account-store'
import { type FormatName, type ProfileOverrides, profiles, type UpstreamProfile } from '@relay/format-converter'
import {
  buildUpstreamUrl,
  chooseUpstreamFormat,
  exchangeTimeouts,
  type ExchangeTimeouts,
  resolveTimeouts,
  type UpstreamChoice,
} from '@relay/upstreams'

/** Models of one way whose profiles are kept; a client may ask a pass-through account for any name. */
const MAX_KEPT = 100

/** What stays the same for all requests of a format to an account. */
export class Way {
  readonly choice: UpstreamChoice
  /** For the first event of a stream, in milliseconds. */
  readonly firstEventMs: number
  readonly streamTimeouts: ExchangeTimeouts
  readonly wholeTimeouts: ExchangeTimeouts
  readonly #account: Account
  readonly #profiles = new Map<string, UpstreamProfile>()
  #url: string | undefined

  constructor(account: Account, format: FormatName) {
    this.choice = chooseUpstreamFormat(account, format)
    this.firstEventMs = resolveTimeouts(account.timeouts).firstEventMs
    this.streamTimeouts = exchangeTimeouts(account.timeouts, true)
    this.wholeTimeouts = exchangeTimeouts(account.timeouts, false)
    this.#account = account
  }

  /** Of the endpoint, for a request without a query. */
  get url(): string {
    this.#url ??= buildUpstreamUrl(this.choice.baseUrl, this.choice.apiFormat)
    return this.#url
  }

  /** The shipped profile of the account's kind, with the operator's overrides and its output limit on top. */
  profileOf(model: string): UpstreamProfile {
    const known = this.#profiles.get(model)
    if (known !== undefined) return known
    const profile = resolveProfile(this.#account, this.choice, model)
    if (this.#profiles.size >= MAX_KEPT) this.#profiles.clear()
    this.#profiles.set(model, profile)
    return profile
  }
}

/** An account is a new object when anything of it has changed. */
const ways = new WeakMap<Account, Map<FormatName, Way>>()

/**
 * The way of a client's format to an account.
 *
 * @throws UpstreamError when the account's settings do not fit
 */
export function wayTo(account: Account, format: FormatName): Way {
  const known = ways.get(account)
  const waysOf = known ?? new Map<FormatName, Way>()
  const way = waysOf.get(format) ?? new Way(account, format)
  waysOf.set(format, way)
  if (known === undefined) ways.set(account, waysOf)
  return way
}

function resolveProfile(account: Account, choice: UpstreamChoice, model: string): UpstreamProfile {
  const overrides = account.profile as ProfileOverrides // checked when the account was saved
  const limit = account.maxOutputTokens > 0 ? { maxOutputTokens: account.maxOutputTokens } : {}
  return profiles.resolve(choice.format, model, {
    id: choice.profileId,
    ...overrides,
    model: { ...overrides.model, ...limit },
  })
}
