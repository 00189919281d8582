import type { Log } from '../../observe/log.ts'

/** An answer and the model that it was asked of. */
export interface NamedAnswer {
  readonly requestId: string
  readonly accountName: string
  readonly modelSent: string
  readonly modelServed: string | undefined
}

/** Warns of upstreams that answer with another model than was asked for. */
export interface ModelWatch {
  note(answer: NamedAnswer): void
}

/** Such an upstream does it with every request; each has its model in the usage record and in the access log. */
const SILENT_MS = 3_600_000
/** Upstreams name what they like: beyond this the oldest are told of again. */
const MAX_TOLD = 1000

/** Each account and pair of models is told of once an hour. */
export function createModelWatch(log: Pick<Log, 'warn'>): ModelWatch {
  const toldAt = new Map<string, number>()

  function isTold(name: string, nowMs: number): boolean {
    const before = toldAt.get(name)
    if (before !== undefined && nowMs - before < SILENT_MS) return true
    toldAt.delete(name) // so that it becomes the newest
    toldAt.set(name, nowMs)
    const oldest = toldAt.keys().next().value
    if (toldAt.size > MAX_TOLD && oldest !== undefined) toldAt.delete(oldest)
    return false
  }

  return {
    note: (answer) => {
      const { accountName, modelSent, modelServed } = answer
      if (!isOtherModel(modelSent, modelServed)) return
      if (isTold(JSON.stringify([accountName, modelSent, modelServed]), performance.now())) return
      log.warn({ ...answer }, 'the answer names another model than was asked for')
    },
  }
}

/**
 * Tells whether an answer names another model than was asked for. Snapshots of the same model (`gpt-5` and
 * `gpt-5-2026-01-01`) and names with their maker in front (`openai/gpt-5`) are the same model.
 */
export function isOtherModel(asked: string, served: string | undefined): boolean {
  if (served === undefined || served === '' || served === asked) return false
  const pair = `${asked} ${served}`
  const known = judged.get(pair)
  if (known !== undefined) return known
  const [left, right] = [plainName(asked), plainName(served)]
  const isOther = !left.startsWith(right) && !right.startsWith(left)
  if (judged.size >= MAX_TOLD) judged.clear()
  judged.set(pair, isOther)
  return isOther
}

/** The same few pairs come with every answer. */
const judged = new Map<string, boolean>()

function plainName(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1).toLowerCase()
  return last.replace(/-latest$|:[\w.-]+$|\[\w+\]$/, '').replaceAll(/[._@]/g, '-')
}
