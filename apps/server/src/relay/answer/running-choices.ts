import { memberOf } from '../member-of.ts'

/** Answers side by side, as Chat and completions have them. */
export interface RunningChoices {
  /** @param event - anything; only one with choices counts */
  see(event: unknown): void
  /** Every one that has begun has its reason to finish. */
  areFinished(): boolean
}

export function createRunningChoices(): RunningChoices {
  const running = new Set<unknown>()
  const finished = new Set<unknown>()
  return {
    see: (event) => {
      const choices = memberOf(event, 'choices')
      if (!Array.isArray(choices)) return
      for (const choice of choices) {
        const index = memberOf(choice, 'index') ?? 0
        if (hasReason(choice)) finished.add(index)
        if (finished.has(index)) running.delete(index)
        else running.add(index)
      }
    },
    areFinished: () => finished.size > 0 && running.size === 0,
  }
}

function hasReason(choice: unknown): boolean {
  const reason = memberOf(choice, 'finish_reason')
  return typeof reason === 'string' && reason !== ''
}
