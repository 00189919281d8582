import { redirect } from '@sveltejs/kit'

import { paths } from '#lib/state/paths.ts'

import type { PageLoad } from './$types.js'

/** Who may only look has no first steps. */
export const load: PageLoad = async ({ parent }) => {
  const { role } = await parent()
  if (role === 'auditor') redirect(307, paths.dashboard)
}
