import { aboutSchema } from '@relay/server/admin-contract'
import type { About } from '@relay/server/admin-contract'

import { call } from './call.ts'
import { requestApi } from './request-api.ts'
import { sessionApi } from './session-api.ts'

/** The admin API, a file for each subject. Every method rejects with an `ApiError`. */
export const api = {
  ...sessionApi,
  ...requestApi,
  getAbout: (): Promise<About> => call({ path: '/about', answer: aboutSchema }),
}
