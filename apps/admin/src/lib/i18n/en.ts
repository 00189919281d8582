import { accountFormWords } from './en/account-form.ts'
import { accountsWords } from './en/accounts.ts'
import { auditWords } from './en/audit.ts'
import { chartWords } from './en/chart.ts'
import { conversionWords } from './en/conversion.ts'
import { dashboardWords } from './en/dashboard.ts'
import { dataWords } from './en/data.ts'
import { errorsWords } from './en/errors.ts'
import { explainWords } from './en/explain.ts'
import { generalWords } from './en/general.ts'
import { holdersWords } from './en/holders.ts'
import { inspectorWords } from './en/inspector.ts'
import { keysWords } from './en/keys.ts'
import { requestsWords } from './en/requests.ts'
import { sessionsWords } from './en/sessions.ts'
import { settingsWords } from './en/settings.ts'
import { shellWords } from './en/shell.ts'
import { signInWords } from './en/sign-in.ts'
import { statsWords } from './en/stats.ts'
import { termsWords } from './en/terms.ts'
import { usageWords } from './en/usage.ts'

/** The panel's words in English, a file for each page; the other languages are typed by these keys. */
export const en = {
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
