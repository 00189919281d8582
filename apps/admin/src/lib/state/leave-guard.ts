import { beforeNavigate, goto } from '$app/navigation'

import { i18n } from '#lib/i18n/i18n.svelte.ts'
import { confirm } from '#lib/state/confirm.svelte.ts'

/**
 * Asks before a page with unsaved changes is left; belongs into the setup of the component that has them.
 *
 * @returns to be called when the page may be left, as after saving
 */
export function guardLeaving(isChanged: () => boolean): () => void {
  let isLeaving = false

  async function askToLeave(url: URL): Promise<void> {
    if (!(await confirm({ ...i18n.text.leave, isDangerous: true }))) return
    isLeaving = true
    await goto(url)
  }

  beforeNavigate(({ cancel, to, willUnload }) => {
    if (!isChanged() || isLeaving) return
    cancel()
    // The browser asks by itself before it leaves the page altogether.
    if (!willUnload && to !== null) void askToLeave(to.url)
  })
  return () => (isLeaving = true)
}
