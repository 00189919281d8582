import { ApiError } from '#lib/api/api-error.ts'

/** Something that is loaded: its value stays while it is loaded again. */
export interface Resource<Value> {
  readonly value: Value | undefined
  /** Why the last try came to nothing; `undefined` when it did not. */
  readonly error: ApiError | undefined
  readonly isLoading: boolean
  /** Loads it (again). The newest call wins. */
  reload(): Promise<void>
  /** Asks for news; does nothing while it is already asking, or a slow relay would never come to an answer. */
  refresh(): Promise<void>
  /** Puts in what an action answered. */
  put(value: Value): void
}

/**
 * Makes a resource; nothing is loaded before `reload`.
 *
 * @param load - rejects with an `ApiError`; what it reads is not tracked
 */
export function createResource<Value>(load: (signal: AbortSignal) => Promise<Value>): Resource<Value> {
  let value = $state.raw<Value>()
  let error = $state.raw<ApiError>()
  let isLoading = $state(false)
  let running: AbortController | undefined

  async function reload(): Promise<void> {
    running?.abort()
    const current = new AbortController()
    running = current
    isLoading = true
    try {
      const loaded = await load(current.signal)
      if (running !== current) return
      value = loaded
      error = undefined
    } catch (problem) {
      if (running === current) error = ApiError.from(problem)
    } finally {
      if (running === current) isLoading = false
    }
  }

  return {
    get value() {
      return value
    },
    get error() {
      return error
    },
    get isLoading() {
      return isLoading
    },
    reload,
    refresh: async () => (isLoading ? undefined : reload()),
    put(next) {
      running?.abort()
      running = undefined
      isLoading = false
      value = next
      error = undefined
    },
  }
}
