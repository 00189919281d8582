import { goto } from '$app/navigation'
import ListTree from '@lucide/svelte/icons/list-tree'
import Pencil from '@lucide/svelte/icons/pencil'
import Power from '@lucide/svelte/icons/power'
import RefreshCw from '@lucide/svelte/icons/refresh-cw'
import RotateCcwKey from '@lucide/svelte/icons/rotate-ccw-key'
import Trash from '@lucide/svelte/icons/trash'
import Undo from '@lucide/svelte/icons/undo-2'
import type { KeyChangeBody, KeyView } from '@relay/server/admin-contract'

import { api } from '#lib/api/client.ts'
import { i18n } from '#lib/i18n/i18n.svelte.ts'
import { attempt } from '#lib/state/attempt.ts'
import { confirm } from '#lib/state/confirm.svelte.ts'
import { paths } from '#lib/state/paths.ts'
import { mayChange } from '#lib/state/rights.ts'
import type { MenuAction } from '#lib/ui/menu-action.ts'

/** What the page does when something is asked of a key. */
interface KeyHandlers {
  readonly onchange: () => void
  readonly onedit: (key: KeyView) => void
  readonly onrotate: (key: KeyView) => void
}

const RENEWAL_MS = 30 * 86_400_000

/** What can be done to a key. One of the configuration file can only be looked at. */
export function keyActions(key: KeyView, handlers: KeyHandlers): readonly MenuAction[] {
  const { do: words, done } = i18n.text.keys
  const { onchange, onedit, onrotate } = handlers
  const requests = `${paths.requests}?key=${encodeURIComponent(key.id)}`
  const looking: MenuAction = { label: words.requests, icon: ListTree, run: () => void goto(requests) }
  if (key.managedBy === 'config' || !mayChange()) return [looking]
  if (key.status === 'revoked') {
    const run = (): void => void act(() => api.restoreKey(key.id), done.restored(key.name), onchange)
    return [{ label: words.restore, icon: Undo, run }, looking]
  }
  const change = (fields: KeyChangeBody) => (): void =>
    void act(() => api.updateKey(key.id, fields), done.saved(key.name), onchange)
  const renewal = { expiresAt: Math.max(Date.now(), key.expiresAt ?? 0) + RENEWAL_MS }
  return [
    { label: words.edit, icon: Pencil, run: () => onedit(key) },
    looking,
    { label: words.rotate, icon: RotateCcwKey, run: () => onrotate(key) },
    ...(key.expiresAt === undefined ? [] : [{ label: words.renew, icon: RefreshCw, run: change(renewal) }]),
    key.enabled
      ? { label: words.disable, icon: Power, run: change({ enabled: false }) }
      : { label: words.enable, icon: Power, run: change({ enabled: true }) },
    { label: words.revoke, icon: Trash, isDangerous: true, run: () => void revoke(key, onchange) },
  ]
}

async function revoke(key: KeyView, onchange: () => void): Promise<void> {
  const { revokeQuestion, done, do: words } = i18n.text.keys
  const question = { title: revokeQuestion.title(key.name), lead: revokeQuestion.lead, action: words.revoke }
  if (await confirm({ ...question, isDangerous: true }))
    await act(() => api.revokeKey(key.id), done.revoked(key.name), onchange)
}

async function act(action: () => Promise<unknown>, done: string, onchange: () => void): Promise<void> {
  await attempt(action, done)
  onchange()
}
