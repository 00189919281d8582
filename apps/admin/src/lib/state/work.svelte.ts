import { ApiError } from '#lib/api/api-error.ts'

/** Something that takes long, for the place where it was begun. */
export interface Work {
  readonly isBusy: boolean
  /** How many objects are done. */
  readonly count: number
  /** Why the last one came to nothing; gone with the next one. */
  readonly problem: ApiError | undefined
  /**
   * Does it.
   *
   * @param action - rejects with an `ApiError`
   * @returns `undefined` when it came to nothing
   */
  run<Value>(action: (tell: (count: number) => void) => Promise<Value>): Promise<Value | undefined>
}

export function createWork(): Work {
  let isBusy = $state(false)
  let count = $state(0)
  let problem = $state.raw<ApiError>()

  return {
    get isBusy() {
      return isBusy
    },
    get count() {
      return count
    },
    get problem() {
      return problem
    },
    async run(action) {
      isBusy = true
      count = 0
      problem = undefined
      try {
        return await action((done) => (count = done))
      } catch (error) {
        problem = ApiError.from(error)
        return undefined
      } finally {
        isBusy = false
      }
    },
  }
}
