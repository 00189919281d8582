import { goto } from '$app/navigation'
import { page } from '$app/state'

import { withParameters } from './with-parameters.ts'

/** Sets a filter of the page in its address, or with an empty value takes it away; focus and place on the page stay. */
export function setFilter(name: string, value: string): void {
  void goto(withParameters(page.url, { [name]: value }), { replace: true, reset: false })
}
