import { redirect } from '@sveltejs/kit'

import { paths } from '#lib/state/paths.ts'

import type { PageLoad } from './$types.js'

/** Who may only look has nothing to do here. */
export const load: PageLoad = async ({ params, parent }): Promise<{ id: string }> => {
  const { role } = await parent()
  if (role === 'auditor') redirect(307, paths.accounts)
  return { id: params.id }
}
