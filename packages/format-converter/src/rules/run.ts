import type { JsonObject } from '../model/json.ts'
import type { RuleContext } from './compiled-rules.ts'
import type { StreamMemory } from './drop-blocks.ts'
import type { PlaceGuard } from './place-guard.ts'
import { type Budget, type Change, editAt, type Place } from './place.ts'
import type { Source } from './rule-reader.ts'
import type { RulePhase } from './rule-set.ts'

/** One rule at work on one body. */
export interface Run {
  body: JsonObject
  readonly context: RuleContext
  readonly budget: Budget
  /** Changes of headers; `undefined` = removed. */
  readonly headers: Map<string, string | undefined>
  readonly memory: StreamMemory
  hasActed: boolean
  warning: string | undefined
  rejection: { readonly status: number; readonly message: string } | undefined
}

/** One operation, ready to run. Total: where its place is missing it does nothing. */
export type Step = (run: Run) => void

/** An operation in the file, and the phase it stands in. */
export interface OperationSource extends Source {
  readonly phase: RulePhase
  readonly guard: PlaceGuard
}

interface PlannedEdit {
  readonly place: Place
  readonly change: Change
  readonly guard: PlaceGuard
}

/** Changes the body of a run at a place, and notes whether anything changed. */
export function edit(run: Run, { place, change, guard }: PlannedEdit): void {
  const edited = editAt(run.body, { place, change, budget: run.budget, passesOver: guard.passesOver })
  run.hasActed ||= edited !== run.body
  run.body = edited
}
