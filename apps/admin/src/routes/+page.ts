import { redirect } from '@sveltejs/kit'

import { paths } from '#lib/state/paths.ts'

export function load(): never {
  redirect(307, paths.dashboard)
}
