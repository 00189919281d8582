import type { ApiErrorCode } from '#lib/api/api-error.ts'

declare global {
  namespace App {
    interface Error {
      message: string
      /** Why the page could not be loaded, where the server or the way to it is the reason. */
      code?: ApiErrorCode
    }
  }
}
