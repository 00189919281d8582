/**
 * Work in steps, between which whoever drives it may let others have their turn. Only long work pauses: a small request
 * is through at the first call.
 */
export type Steps<Result> = Generator<undefined, Result, undefined>

/** Things of a list that are gone through in a millisecond or two. */
export const BETWEEN_PAUSES = 2000

/** What each thing of a list becomes, with pauses in a long one. */
export function* mapInSteps<From, To>(list: readonly From[], map: (from: From, index: number) => To): Steps<To[]> {
  const mapped: To[] = []
  for (const [index, from] of list.entries()) {
    mapped.push(map(from, index))
    if (mapped.length % BETWEEN_PAUSES === 0) yield
  }
  return mapped
}

/** Does the work at once. */
export function runThrough<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Does the work with a pause after each of its steps. */
export async function runPaced<Result>(steps: Steps<Result>, pause: () => Promise<unknown>): Promise<Result> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await pause()
  }
}
