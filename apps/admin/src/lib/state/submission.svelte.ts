import { ApiError } from '#lib/api/api-error.ts'

/** A form on its way to the server. */
export interface Submission {
  readonly isBusy: boolean
  /** Why the last try came to nothing, for a place beside the form; gone with the next one. */
  readonly problem: ApiError | undefined
  /**
   * Sends.
   *
   * @param action - rejects with an `ApiError`
   * @returns whether it went well
   */
  send(action: () => Promise<void>): Promise<boolean>
}

/** Makes the state of one form. */
export function createSubmission(): Submission {
  let isBusy = $state(false)
  let problem = $state.raw<ApiError>()

  return {
    get isBusy() {
      return isBusy
    },
    get problem() {
      return problem
    },
    async send(action) {
      isBusy = true
      problem = undefined
      try {
        await action()
        return true
      } catch (error) {
        problem = ApiError.from(error)
        return false
      } finally {
        isBusy = false
      }
    },
  }
}
