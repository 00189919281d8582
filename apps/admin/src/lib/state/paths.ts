import { resolve } from '$app/paths'

/** The panel's pages by their addresses. */
export const paths = {
  home: resolve('/'),
  login: resolve('/login'),
  newPassword: resolve('/new-password'),
  requests: resolve('/(app)/requests'),
  sessions: resolve('/(app)/sessions'),
}
