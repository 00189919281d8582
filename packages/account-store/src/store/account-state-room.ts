import type { AccountAttention, AccountError, Cooldown, CooldownCause } from '../account.ts'

/** What happened to accounts. Unknown ids are ignored: a request may outlive its account. */
export interface AccountStateRoom {
  /** Forgets the strikes of this account × model, unless it rests just now, and notes the time (to within 10 s). Costs nothing when there is nothing to change. */
  recordAccountSuccess(id: string, model: string): Promise<void>
  /** Notes the last error; cut to 500 characters. */
  recordAccountError(id: string, error: AccountError): Promise<void>
  /** Sends the account × model to rest, or returns `undefined` where the rule of the last usable account forbids it. */
  startCooldown(request: CooldownRequest): Promise<Cooldown | undefined>
  /** Counts what a request cost towards the daily quota; costs nothing where the account has none. */
  recordAccountCost(id: string, costMicroUsd: number): Promise<void>
  /** Remembers that an upstream refuses a parameter for a model (as it is sent), until the account is edited or cleared; at most 100 of an account. */
  noteRefusedParameter(id: string, refused: { readonly model: string; readonly parameter: string }): Promise<void>
  /** Puts the account out until it is tested or edited. */
  setAttention(id: string, attention: AccountAttention): Promise<void>
  /** Ends all cooldowns, `attention` and the last error, and forgets refused parameters: after a test that went well, or by hand. */
  clearAccountState(id: string): Promise<void>
}

/** Asks for a cooldown. Counting strikes, the check for the last usable account and the start are one step. */
export interface CooldownRequest {
  readonly accountId: string
  /** The model as sent to the upstream; `*` for the whole account. */
  readonly model: string
  readonly cause: CooldownCause
  /** As the upstream said; left out, it doubles with each strike from 2 s to 120 s, ±20 %. While a cooldown runs, further failures do not count as strikes. */
  readonly durationMs?: number | undefined
  /** The other candidates for the model the client asked for, each with its own name for it. When given and none of them is usable now, no cooldown starts (reliability 4.4). */
  readonly alternatives?: readonly CooldownAlternative[] | undefined
}

/** Another account that could serve instead. */
export interface CooldownAlternative {
  readonly accountId: string
  /** The model as sent to that upstream. */
  readonly model: string
}
