import type { FormatName } from '@relay/format-converter'

/** The account types; each is one row of `accountTypes`. */
export type AccountType = 'ccr' | 'claude-console' | 'responses' | 'openai-responses' | 'openai-chat'

/** An API format as operators name it. */
export type ApiFormat = 'claude' | 'openai-chat' | 'openai-responses'

/** What an account's "API format" select may hold. */
export type ApiFormatSetting = ApiFormat | 'auto'

/** What an account's "Response format" select may hold: the family of the upstream's body. */
export type ResponseFormatSetting = 'auto' | 'claude' | 'openai'

/** How the credential is shown to the upstream; `auto` follows the account type and the credential. */
export type AuthScheme = 'auto' | 'bearer' | 'x-api-key' | 'none'

/** Time limits of one attempt, in milliseconds; 0 switches one off. */
export interface UpstreamTimeouts {
  /** DNS, TCP and TLS together. */
  readonly connectMs: number
  /** From the request's first byte to the response headers, for streamed requests. */
  readonly streamHeadersMs: number
  /** The same for requests whose answer comes in one piece: some take minutes. */
  readonly wholeHeadersMs: number
  /** From the response headers to the first meaningful event; watched by the caller, not by the sender. */
  readonly firstEventMs: number
  /** Silence between two reads of the body. */
  readonly idleMs: number
  /** The whole attempt. */
  readonly totalMs: number
}

/**
 * The few fields of an account that this package reads.
 *
 * The credential is not among them: it is handed over separately, so that an account can be logged
 * and compared without it.
 */
export interface UpstreamAccount {
  /** Connections are shared only within one id. */
  readonly id: string
  readonly name: string
  readonly type: AccountType
  /** Base URL for every format without one of its own; missing: the type's default. */
  readonly baseUrl?: string | undefined
  /** Base URLs per format; naming one says that the upstream speaks that format. */
  readonly formatBaseUrls?: Readonly<Partial<Record<ApiFormat, string | undefined>>> | undefined
  /** Missing: the type's default. */
  readonly apiFormat?: ApiFormatSetting | undefined
  /** Missing: `auto`. */
  readonly responseFormat?: ResponseFormatSetting | undefined
  /** Missing: `auto`. */
  readonly authScheme?: AuthScheme | undefined
  /** Sent with every request; they win over what the client sent. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** What clients ask for → what is sent; missing or empty: names pass through. */
  readonly models?: Readonly<Record<string, string>> | undefined
  readonly timeouts?: Readonly<Partial<UpstreamTimeouts>> | undefined
}

/** How one request to one account is written and how its answer is read. */
export interface UpstreamChoice {
  readonly apiFormat: ApiFormat
  /** The converter's name of `apiFormat`: what is sent. */
  readonly format: FormatName
  /** The format in which the body that comes back is read unless it is recognised as another. */
  readonly answerFormat: FormatName
  /** Whether `recogniseAnswerFormat` should look at the body first (response format `auto`). */
  readonly recogniseAnswer: boolean
  readonly baseUrl: string
  /** Id of the shipped capability profile that fits this account and format best. */
  readonly profileId: string
}
