import type { Words } from './words.ts'
import { accountFormWords } from './zh/account-form.ts'
import { accountsWords } from './zh/accounts.ts'
import { auditWords } from './zh/audit.ts'
import { chartWords } from './zh/chart.ts'
import { conversionWords } from './zh/conversion.ts'
import { dashboardWords } from './zh/dashboard.ts'
import { dataWords } from './zh/data.ts'
import { errorsWords } from './zh/errors.ts'
import { explainWords } from './zh/explain.ts'
import { generalWords } from './zh/general.ts'
import { holdersWords } from './zh/holders.ts'
import { inspectorWords } from './zh/inspector.ts'
import { keysWords } from './zh/keys.ts'
import { requestsWords } from './zh/requests.ts'
import { sessionsWords } from './zh/sessions.ts'
import { settingsWords } from './zh/settings.ts'
import { shellWords } from './zh/shell.ts'
import { signInWords } from './zh/sign-in.ts'
import { statsWords } from './zh/stats.ts'
import { termsWords } from './zh/terms.ts'
import { usageWords } from './zh/usage.ts'

/** The panel's words in simplified Chinese. */
export const zh: Words = {
  ...generalWords,
  ...shellWords,
  ...signInWords,
  ...requestsWords,
  ...termsWords,
  ...sessionsWords,
  ...chartWords,
  ...inspectorWords,
  ...dashboardWords,
  ...conversionWords,
  ...explainWords,
  ...usageWords,
  ...accountsWords,
  ...accountFormWords,
  ...auditWords,
  ...keysWords,
  ...holdersWords,
  ...statsWords,
  ...settingsWords,
  ...dataWords,
  ...errorsWords,
}
