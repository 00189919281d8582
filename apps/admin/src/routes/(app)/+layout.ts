import type { SessionState } from '@relay/server/admin-contract'
import { error, redirect } from '@sveltejs/kit'

import { ApiError } from '#lib/api/api-error.ts'
import { api } from '#lib/api/client.ts'
import { paths } from '#lib/state/paths.ts'
import { signInPath } from '#lib/state/sign-in-path.ts'

import type { LayoutLoad } from './$types.js'

/** Lets signed-in people in; everyone else learns what to do first. */
export const load: LayoutLoad = async ({ url, untrack }) => {
  const session = await readSession()
  // Untracked: changing a filter must not ask for the session again.
  if (session.state === 'none')
    redirect(
      307,
      untrack(() => signInPath(url)),
    )
  if (session.state === 'password-change-required') redirect(307, paths.newPassword)
  return { userName: session.userName, role: session.role }
}

async function readSession(): Promise<SessionState> {
  try {
    return await api.getSession()
  } catch (problem) {
    const { code, message } = ApiError.from(problem)
    error(503, message, { code })
  }
}
