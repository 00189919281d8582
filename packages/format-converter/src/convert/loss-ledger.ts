import { ConversionError } from '../conversion-error.ts'
import type { Failure } from '../model/failure.ts'
import type { FormatName } from '../model/format-name.ts'
import type { Loss, LossCode, LossLevel, LossReport, LossStage } from '../model/loss.ts'

/** Different losses an exchange reports at most; more are counted as `losses_truncated`. */
const MAX_LOSSES = 64

const MAX_MESSAGE_CHARACTERS = 200

/** Which losses stop a request before anything is sent. */
export type LossPolicy =
  | 'allow'
  | 'warn'
  | 'reject'
  | { readonly reject: readonly LossLevel[]; readonly accept?: readonly LossCode[] }

/** Collects the losses of one exchange; the same loss at the same kind of place is counted, not repeated. */
export interface LossLedger {
  report(stage: LossStage, report: LossReport): void
  readonly losses: readonly Loss[]
}

interface LossLedgerInit {
  readonly client: FormatName
  readonly upstream: FormatName
  readonly onLoss?: ((loss: Loss) => void) | undefined
  /** Those of an exchange that goes on. */
  readonly losses?: readonly Loss[] | undefined
}

export function createLossLedger(init: LossLedgerInit): LossLedger {
  const losses: Loss[] = [...(init.losses ?? [])]
  /** Made with the first loss: most exchanges have none. */
  let places: Map<string, number> | undefined

  function placesOfLosses(): Map<string, number> {
    places ??= new Map(losses.map((loss, index) => [placeOf(loss), index]))
    return places
  }

  function report(stage: LossStage, loss: LossReport): void {
    if (!countAgain(loss)) add(stage, losses.length < MAX_LOSSES - 1 ? loss : TRUNCATED)
  }

  /** @returns whether the loss was known already */
  function countAgain(loss: LossReport): boolean {
    const index = placesOfLosses().get(placeOf(loss))
    const known = index === undefined ? undefined : losses[index]
    if (index === undefined || known === undefined) return false
    const { level, message } = isWorse(loss, known) ? loss : known
    losses[index] = { ...known, level, message, detail: { ...known.detail, count: (known.detail?.count ?? 1) + 1 } }
    return true
  }

  function add(stage: LossStage, { code, level, path, message, detail }: LossReport): void {
    if (losses.length === MAX_LOSSES) return
    const direction =
      stage === 'request' || stage === 'rules'
        ? { from: init.client, to: init.upstream }
        : { from: init.upstream, to: init.client }
    const loss: Loss = {
      code,
      level,
      stage,
      path,
      ...direction,
      message: message.slice(0, MAX_MESSAGE_CHARACTERS),
      detail,
    }
    placesOfLosses().set(placeOf(loss), losses.length)
    losses.push(loss)
    init.onLoss?.(loss)
  }

  return { report, losses }
}

/**
 * Stops a request whose losses the policy does not let pass.
 *
 * @throws ConversionError `unsupported_feature` that names place and code of the first one
 */
export function refuseLosses(policy: LossPolicy, losses: readonly Loss[]): void {
  const refusal = refusalOf(policy, losses)
  if (refusal !== undefined) throw new ConversionError(refusal.kind, refusal.message, { param: refusal.param, losses })
}

/** The first loss that the policy does not let pass, as trouble in words; `undefined` when there is none. */
export function refusalOf(policy: LossPolicy, losses: readonly Loss[]): Failure | undefined {
  const first = refusedLosses(policy, losses)[0]
  if (first === undefined) return undefined
  const message = `${first.path === '' ? 'the request' : first.path}: ${first.message} (${first.code}); the loss policy refuses ${first.level} losses`
  return { kind: 'unsupported_feature', message, param: first.path }
}

/** The losses that the policy does not let pass. */
function refusedLosses(policy: LossPolicy, losses: readonly Loss[]): readonly Loss[] {
  if (policy === 'allow' || policy === 'warn') return []
  const levels: readonly LossLevel[] = policy === 'reject' ? ['degraded', 'lossy'] : policy.reject
  const accepted: readonly LossCode[] = policy === 'reject' ? [] : (policy.accept ?? [])
  return losses.filter((loss) => levels.includes(loss.level) && !accepted.includes(loss.code))
}

const LEVELS: readonly LossLevel[] = ['info', 'repaired', 'degraded', 'lossy']

function isWorse(loss: LossReport, known: Loss): boolean {
  return LEVELS.indexOf(loss.level) > LEVELS.indexOf(known.level)
}

const TRUNCATED: LossReport = {
  code: 'losses_truncated',
  level: 'info',
  path: '',
  message: `more than ${MAX_LOSSES - 1} different losses; the rest is not listed`,
}

/**
 * Code and place with array indexes as `*`, so that the same loss in every message counts as one. Rules have no place but
 * a name each.
 */
function placeOf({ code, path, detail }: LossReport): string {
  const rule = code === 'rule_applied' || code === 'rule_skipped' ? detail?.value : undefined
  return `${code} ${rule ?? path.replace(/\/\d+(?=\/|$)/g, '/*')}`
}
