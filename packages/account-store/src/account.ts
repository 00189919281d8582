import type { AcceptedLoss, LossPolicy } from './loss-policy.ts'

/** What kind of upstream an account is a credential for. */
export type AccountType = 'ccr' | 'claude-console' | 'responses' | 'openai-responses' | 'openai-chat'

/** Which format is sent to the upstream; `auto` means the client's own where the upstream speaks it. */
export type AccountApiFormat = 'claude' | 'openai-chat' | 'openai-responses' | 'auto'

/** How the upstream's body is read; `auto` means the same family as the API format. */
export type AccountResponseFormat = 'auto' | 'claude' | 'openai'

/** Who may change an object: the operator (panel, command), or only the configuration file. */
export type ManagedBy = 'operator' | 'config'

/** Limits in milliseconds for one attempt at an upstream. */
export interface AccountTimeouts {
  /** Name lookup, TCP and TLS. */
  readonly connectMs: number
  /** First response headers of a stream. */
  readonly streamHeadersMs: number
  /** First response headers of a whole (not streamed) answer. */
  readonly wholeHeadersMs: number
  /** First meaningful event of a stream. */
  readonly firstEventMs: number
  /** Silence between two reads. */
  readonly idleMs: number
  /** The whole request. */
  readonly totalMs: number
}

/** Base URLs of an upstream that speaks several formats, each under its own address. */
export interface FormatBaseUrls {
  readonly claude?: string | undefined
  readonly 'openai-chat'?: string | undefined
  readonly 'openai-responses'?: string | undefined
}

/** What an account may cost each day; what runs when it is used up still ends. */
export interface DailyQuota {
  /** Millionths of a US dollar; at least 1. */
  readonly limitMicroUsd: number
  /** When the day begins, `HH:MM` in the time zone. */
  readonly resetTime: string
  /** IANA name, for instance `Asia/Shanghai`. */
  readonly timeZone: string
}

/** How long an account × model rests after failures. */
export interface CooldownPolicy {
  /** Switched off, only what an upstream itself asks for sends the account to rest. */
  readonly isOn: boolean
  /** The first rest after a failure; each further one in a row doubles it. */
  readonly firstMs: number
  /** The doubling ends here. */
  readonly longestMs: number
  /** After a rate limit without a readable wait. */
  readonly rateLimitedMs: number
}

/** Reads answers of an upstream as another class of failure; all conditions that are there must hold. */
export interface ErrorClassRule {
  /** HTTP status. */
  readonly status?: number | undefined
  /** Text that the body holds, whatever its case. */
  readonly body?: string | undefined
  /** A header that is there and, with `value`, holds that text, whatever its case. */
  readonly header?: { readonly name: string; readonly value?: string | undefined } | undefined
  /** The class, a word that whoever reads the answer knows; opaque to the store. */
  readonly class: string
}

/** Everything about an account that its owner decides, without the credential. */
export interface AccountSettings {
  /** Unique among accounts; 1 to 100 characters. */
  readonly name: string
  readonly description: string
  /** Words to find it by; at most 50. */
  readonly tags: readonly string[]
  /** Groups it belongs to, which keys may name in place of accounts; at most 50. */
  readonly groups: readonly string[]
  /** Serves only keys that name it or one of its groups. */
  readonly isDedicated: boolean
  readonly type: AccountType
  /** Absolute http or https URL without userinfo. */
  readonly baseUrl: string
  /** Overrides `baseUrl` for the formats it names. */
  readonly formatBaseUrls: FormatBaseUrls
  readonly apiFormat: AccountApiFormat
  readonly responseFormat: AccountResponseFormat
  /** Extra request headers, not secret. Headers that carry credentials or steer the connection are refused. */
  readonly headers: Readonly<Record<string, string>>
  /** What clients ask for → what is sent (`*` is a wildcard); `undefined` passes every model through, and so does entering an empty map. */
  readonly models: Readonly<Record<string, string>> | undefined
  /** What clients may ask of it, with `*` as a wildcard, beside the map; `undefined` allows all, and so does entering an empty list. */
  readonly allowedModels: readonly string[] | undefined
  /** The way to the upstream: an http, https or socks5 URL, shown without its password; see `openProxyUrl`. */
  readonly proxyUrl: string | undefined
  /** Certificates to trust beside the well-known ones, PEM text. */
  readonly tlsCa: string | undefined
  readonly dailyQuota: DailyQuota | undefined
  /** What its prices are in: an ISO 4217 code, `USD` unless said otherwise. */
  readonly currency: string
  /** What its use costs in relation to the listed price; 0 to 1000, 1 unless said otherwise. */
  readonly priceMultiplier: number
  /** Takes no more requests from then on, milliseconds since the epoch; `undefined` = never. */
  readonly expiresAt: number | undefined
  readonly cooldownPolicy: CooldownPolicy
  /** Tried in order, before the built-in classes. */
  readonly errorClasses: readonly ErrorClassRule[]
  /** Upper bound for the output tokens a client may ask for; 0 means none. */
  readonly maxOutputTokens: number
  /** 0 to 1000; a lower number is preferred, as operators of the origin know it. */
  readonly priority: number
  /** 1 to 1000; share of the load among accounts of one priority. */
  readonly weight: number
  /** Requests at once over all nodes; 0 means no limit. */
  readonly maxConcurrency: number
  readonly timeouts: AccountTimeouts
  /** Tightens the loss policy of the keys that use this account; `undefined` leaves it to them. */
  readonly lossPolicy: LossPolicy | undefined
  /** Standing losses of this account that somebody has accepted, at most one of each code. */
  readonly acceptedLosses: readonly AcceptedLoss[]
  /** Overrides of single capability flags of the target; opaque to the store. */
  readonly profile: Readonly<Record<string, unknown>>
  /** A file of custom conversion rules, `{}` = none; opaque to the store. */
  readonly rules: Readonly<Record<string, unknown>>
  /** Switched on at all. */
  readonly enabled: boolean
  /** Takes part in routing; a paused account is enabled but not schedulable. */
  readonly schedulable: boolean
  /** The built-in demonstration account. */
  readonly isDemo: boolean
}

/** Why an account is out for a while. */
export type CooldownCause = 'connection' | 'timeout' | 'server-error' | 'overloaded' | 'rate-limited'

/** One account × model that is or was out. */
export interface Cooldown {
  /** The model as sent to the upstream; `*` means every model of the account. */
  readonly model: string
  readonly cause: CooldownCause
  /** How often in a row this happened; the duration doubles with it. */
  readonly strikes: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Milliseconds since the epoch; the cooldown is over when this has passed. A past one is kept until a success clears it. */
  readonly endsAt: number
}

/** The last failed attempt at an upstream. */
export interface AccountError {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** HTTP status, where the upstream answered at all. */
  readonly status: number | undefined
  /** Short kebab-case word for the failure class. */
  readonly reason: string
  /** Redacted by the caller; cut to 500 characters here. */
  readonly message: string
}

/** Something only a person can mend; the account is out until it is tested or edited. */
export interface AccountAttention {
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly reason: 'credential-refused' | 'credential-unreadable' | 'billing'
  readonly message: string
}

/** What of a daily quota is used up. */
export interface QuotaState {
  /** Millionths of a US dollar, since the day began. */
  readonly usedMicroUsd: number
  /** When the next day begins, milliseconds since the epoch: from then on `usedMicroUsd` says nothing. */
  readonly resetsAt: number
}

/** A request parameter that an upstream refused for one model, so that it is not sent again. */
export interface RefusedParameter {
  /** The model as sent to the upstream. */
  readonly model: string
  readonly parameter: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** What happened to an account lately, over all nodes. */
export interface AccountState {
  /** Milliseconds since the epoch, to within 10 s; `undefined` = never. */
  readonly lastSuccessAt: number | undefined
  readonly lastError: AccountError | undefined
  readonly attention: AccountAttention | undefined
  readonly cooldowns: readonly Cooldown[]
  /** `undefined` without a daily quota. */
  readonly quota: QuotaState | undefined
  readonly refusedParameters: readonly RefusedParameter[]
}

/** An account as everybody may read it: never with its credential. */
export interface Account extends AccountSettings {
  readonly id: string
  readonly managedBy: ManagedBy
  readonly hasCredential: boolean
  /** The end of the credential, to recognise it by; `undefined` without one and for one shorter than 12 characters. */
  readonly credentialLastFour: string | undefined
  /** Whether `proxyUrl` goes with a password. */
  readonly hasProxyPassword: boolean
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch; changes of state do not count. */
  readonly updatedAt: number
  readonly state: AccountState
}

/** What it takes to make an account; what is left out gets the default of its type. */
export interface AccountInput
  extends
    Pick<AccountSettings, 'name' | 'type' | 'baseUrl'>,
    Partial<Omit<AccountSettings, 'name' | 'type' | 'baseUrl' | 'timeouts' | 'cooldownPolicy' | 'dailyQuota'>> {
  readonly timeouts?: Partial<AccountTimeouts> | undefined
  readonly cooldownPolicy?: Partial<CooldownPolicy> | undefined
  /** The day begins at midnight UTC unless said otherwise. */
  readonly dailyQuota?: (Pick<DailyQuota, 'limitMicroUsd'> & Partial<DailyQuota>) | undefined
  /** The upstream's secret; sealed before it is written, never read back with the account. */
  readonly credential?: string | undefined
}

/** Fields of an account that a change can clear. */
export type ClearableAccountField = 'credential' | 'lossPolicy' | 'proxyUrl' | 'tlsCa' | 'dailyQuota' | 'expiresAt'

/**
 * A change to an account: only the fields that are there; `null` clears those that may be missing.
 *
 * When `baseUrl` changes or `formatBaseUrls` gains an address, `credential` has to be there too, so that a stored secret never goes
 * to a new host; so it is with a new proxy that would see the credential because an address is plain http. A `proxyUrl` as it was
 * shown keeps its stored password, any other one replaces it.
 */
export type AccountChange = Partial<Omit<AccountInput, ClearableAccountField>> & {
  readonly [Field in ClearableAccountField]?: AccountInput[Field] | null
}

/** Defaults of `reliability` 3.1. */
export const DEFAULT_TIMEOUTS: AccountTimeouts = {
  connectMs: 10_000,
  streamHeadersMs: 60_000,
  wholeHeadersMs: 600_000,
  firstEventMs: 120_000,
  idleMs: 120_000,
  totalMs: 3_600_000,
}

/** Defaults of `reliability` 4.3. */
export const DEFAULT_COOLDOWN_POLICY: CooldownPolicy = {
  isOn: true,
  firstMs: 2_000,
  longestMs: 120_000,
  rateLimitedMs: 30_000,
}

/** The API format an account of each type gets when none is chosen; also what `auto` falls back to. */
export const DEFAULT_API_FORMATS: Readonly<Record<AccountType, Exclude<AccountApiFormat, 'auto'>>> = {
  ccr: 'claude',
  'claude-console': 'claude',
  responses: 'openai-responses',
  'openai-responses': 'openai-responses',
  'openai-chat': 'openai-chat',
}

/** What every upstream of a type speaks, whatever base URLs an account has; `auto` chooses among these and those. */
export const SPOKEN_FORMATS: Readonly<Record<AccountType, readonly Exclude<AccountApiFormat, 'auto'>[]>> = {
  ccr: ['claude'],
  'claude-console': ['claude'],
  responses: ['openai-responses'],
  'openai-responses': ['openai-responses', 'openai-chat'],
  'openai-chat': ['openai-chat'],
}

/** All account types, in the order in which they are offered. */
export const ACCOUNT_TYPES: readonly AccountType[] = [
  'ccr',
  'claude-console',
  'responses',
  'openai-responses',
  'openai-chat',
]
