import { stricterPolicy } from '@relay/account-store'
import type { UsageLoss } from '@relay/account-store'
import type { Loss, LossLevel } from '@relay/format-converter'

import type { ShadowedRule } from '../relay/prepare/shadow-rules.ts'
import type { RequestFacts } from '../relay/request-facts.ts'

/** What decides about a loss: the policies of key and account, and what was accepted for the account. */
type LossFacts = Pick<RequestFacts, 'key' | 'account' | 'losses' | 'leftOut' | 'shadowedRules'>

/** Code of the notes that rules on trial leave in usage records. */
const SHADOWED = 'rule_shadowed'

/** Levels that cost meaning, the lesser one first. */
const COSTLY = ['degraded', 'lossy'] as const satisfies readonly LossLevel[]

/** How much of a request's meaning was lost, without standing losses that somebody has accepted. */
export interface ShownLosses {
  readonly count: number
  /** `undefined` when the count is 0. */
  readonly worst: (typeof COSTLY)[number] | undefined
}

/** What header and log say of the losses; nothing where the policy only records them. */
export function shownLosses({ key, account, losses, leftOut }: Omit<LossFacts, 'shadowedRules'>): ShownLosses {
  if (losses.length + leftOut.length === 0) return NONE
  if (key !== undefined && stricterPolicy(key.lossPolicy, account?.lossPolicy) === 'allow') return NONE
  const accepted = acceptedCodes({ account })
  const open = [...leftOut, ...losses].filter(
    ({ code, level }) => !accepted.has(code) && COSTLY.some((costly) => costly === level),
  )
  return { count: open.length, worst: COSTLY.findLast((level) => open.some((loss) => loss.level === level)) }
}

const NONE: ShownLosses = { count: 0, worst: undefined }

/** All losses as they are recorded, each with whether it was accepted. */
export function recordedLosses({ account, losses, leftOut, shadowedRules = [] }: LossFacts): readonly UsageLoss[] {
  if (losses.length + leftOut.length + shadowedRules.length === 0) return []
  const accepted = acceptedCodes({ account })
  const happened = [...leftOut, ...losses].map((loss: Loss): UsageLoss =>
    accepted.has(loss.code) ? { ...loss, isAccepted: true } : loss,
  )
  return [...happened, ...shadowedRules.map(toNote)]
}

function acceptedCodes({ account }: Pick<LossFacts, 'account'>): ReadonlySet<string> {
  return new Set(account?.acceptedLosses.map(({ code }) => code))
}

/** Nothing was lost: the record says what a rule on trial would have done. */
function toNote({ rule, phase }: ShadowedRule): UsageLoss {
  const message = `rule ${rule} would act in ${phase}`
  return { code: SHADOWED, level: 'info', path: '', message, detail: { value: rule } }
}
