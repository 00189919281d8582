import { resolve } from '$app/paths'

/** The panel's pages by their addresses. */
export const paths = {
  home: resolve('/'),
  login: resolve('/login'),
  newPassword: resolve('/new-password'),
  dashboard: resolve('/(app)/dashboard'),
  accounts: resolve('/(app)/accounts'),
  keys: resolve('/(app)/keys'),
  budgets: resolve('/(app)/keys/budgets'),
  requests: resolve('/(app)/requests'),
  usage: resolve('/(app)/usage'),
  conversion: resolve('/(app)/conversion'),
  captures: resolve('/(app)/conversion/captures'),
  stats: resolve('/stats'),
  settings: resolve('/(app)/settings'),
  data: resolve('/(app)/settings/data-set'),
  reference: resolve('/(app)/settings/reference'),
  audit: resolve('/(app)/audit'),
  setup: resolve('/(app)/setup'),
  sessions: resolve('/(app)/sessions'),
}
