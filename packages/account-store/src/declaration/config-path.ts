import { StoreError } from '../store-error.ts'

/** Puts the place in the file in front of what is wrong with it. */
export function atPath<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    return rethrowAt(path, error)
  }
}

/** Throws what went wrong again, with the place in the file in front of it. */
export function rethrowAt(path: string, error: unknown): never {
  if (!StoreError.is(error)) throw error
  const isField = error.code === 'invalid-input'
  throw new StoreError(error.code, `${path}${isField ? '.' : ' '}${error.message}`, { cause: error })
}
