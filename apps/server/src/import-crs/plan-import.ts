import { EXIT_CODES, ExitError } from '../exit-error.ts'
import type { FieldFate } from './field-fates.ts'
import { createFateBook } from './field-fates.ts'
import type { OriginData } from './origin-data.ts'
import type { OriginSecrets } from './origin-secrets.ts'
import type { LeftBehind, PlannedAccount } from './plan-accounts.ts'
import { countSealed, planAccounts } from './plan-accounts.ts'
import type { PlannedKey } from './plan-keys.ts'
import { planKeys } from './plan-keys.ts'
import type { PlannedUsage } from './plan-usage.ts'
import { planUsage } from './plan-usage.ts'

/** What becomes of everything that the origin holds. */
export interface ImportPlan {
  readonly accounts: readonly PlannedAccount[]
  readonly leftBehind: readonly LeftBehind[]
  readonly keys: readonly PlannedKey[]
  readonly usage: readonly PlannedUsage[]
  readonly fields: readonly FieldFate[]
  /** Follows a key before it is hashed; `undefined` without the origin's key. */
  readonly suffix: string | undefined
}

export interface ImportSource {
  readonly data: OriginData
  readonly secrets: OriginSecrets | undefined
  /** Zone of the origin's days. */
  readonly timeZone: string
}

/**
 * Decides about everything; nothing is written.
 *
 * @throws ExitError where the key of the origin opens nothing: accounts would come without their credentials, and relay
 * keys under a hash that no client fits
 */
export function planImport({ data, secrets, timeZone }: ImportSource): ImportPlan {
  const fates = createFateBook()
  const facts = { data, secrets, fates, timeZone }
  const { sealed, opened } = countSealed(facts)
  if (secrets !== undefined && sealed > 0 && opened === 0) throw wrongKey(sealed)
  const plan = planAccounts(facts)
  const keys = planKeys(facts, plan)
  const ids = new Set(keys.map(({ originId }) => originId))
  const usage = planUsage(facts).filter(({ originKeyId }) => ids.has(originKeyId))
  return { ...plan, keys, usage, fields: fates.list(), suffix: secrets?.suffix }
}

function wrongKey(sealed: number): ExitError {
  const message = `the ENCRYPTION_KEY that was given is not the origin's: it opens none of its ${sealed} credentials`
  return new ExitError(EXIT_CODES.failed, `${message}; nothing was written`)
}
