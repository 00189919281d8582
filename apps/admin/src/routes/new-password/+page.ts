import { redirect } from '@sveltejs/kit'

import { api } from '#lib/api/client.ts'
import { paths } from '#lib/state/paths.ts'

import type { PageLoad } from './$types.js'

/** Only for people who signed in with a one-time password. */
export const load: PageLoad = async () => {
  const session = await api.getSession()
  if (session.state === 'none') redirect(307, paths.login)
  if (session.state === 'signed-in') redirect(307, paths.dashboard)
  return { userName: session.userName }
}
