import type { ProfileChoice } from '../adapt/profile.ts'
import type { ResponseStore } from '../codec.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import type { FormatName } from '../model/format-name.ts'
import type { Loss } from '../model/loss.ts'
import type { ConversionOptions } from '../options.ts'
import type { CompiledRules } from '../rules/compiled-rules.ts'
import type { LossPolicy } from './loss-ledger.ts'

/** One pair of formats, and every choice about it. With time and ids injected, the same input gives the same bytes. */
export interface ConverterOptions<Client extends FormatName = FormatName, Upstream extends FormatName = FormatName> {
  /** The format the client speaks. */
  readonly client: Client
  /** The format requests are sent in. */
  readonly upstream: Upstream
  /** The format answers come back in; default the upstream's, recognised from the body. Naming one keeps to its family: OpenAI's two are still told apart. */
  readonly answer?: FormatName | undefined
  /**
   * What the target accepts; default by format and model from the shipped table. Overrides, which name only what differs,
   * are laid over that table as `profiles.resolve` does it.
   */
  readonly profile?: ProfileChoice | ((model: string) => ProfileChoice) | undefined
  /** Default `warn`. */
  readonly policy?: LossPolicy | undefined
  /** Hash of the account or organisation that reasoning proofs are bound to. */
  readonly seals?: { readonly issuer?: string | undefined } | undefined
  /** Hash for identities that are sent upstream; default a fast one that is not for security. */
  readonly hash?: ((text: string) => string) | undefined
  /** Counts a request's input tokens; default the shipped estimate. */
  readonly estimate?: ((request: ChatRequest) => number) | undefined
  /** Makes an id of 24 letters and digits; default random. */
  readonly ids?: (() => string) | undefined
  /** Unix time in milliseconds; default the clock. */
  readonly now?: (() => number) | undefined
  /**
   * Monotonic milliseconds with fractions, such as `performance.now`: then streams know the time they took, and rules
   * theirs; default nothing is timed.
   */
  readonly clock?: (() => number) | undefined
  readonly onLoss?: ((loss: Loss) => void) | undefined
  readonly options?: Partial<ConversionOptions> | undefined
  /** Earlier responses that a request of `openai-responses` may refer to; used by {@link Converter.exchangeAsync} only. */
  readonly store?: ResponseStore | undefined
  /** Custom rules, compiled by `compileRules` of `@relay/format-converter/rules`. They win over profile and options. */
  readonly rules?: CompiledRules | undefined
}
