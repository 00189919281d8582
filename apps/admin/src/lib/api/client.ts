import { accountApi } from './account-api.ts'
import { adminApi } from './admin-api.ts'
import { conversionApi } from './conversion-api.ts'
import { dataApi } from './data-api.ts'
import { keyApi } from './key-api.ts'
import { requestApi } from './request-api.ts'
import { sessionApi } from './session-api.ts'
import { upkeepApi } from './upkeep-api.ts'
import { usageApi } from './usage-api.ts'
import { webhookApi } from './webhook-api.ts'

/** The admin API, a file for each subject. Every method rejects with an `ApiError`. */
export const api = {
  ...sessionApi,
  ...requestApi,
  ...usageApi,
  ...conversionApi,
  ...accountApi,
  ...keyApi,
  ...adminApi,
  ...webhookApi,
  ...upkeepApi,
  ...dataApi,
}
