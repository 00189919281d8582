import { goto } from '$app/navigation'
import ChartLine from '@lucide/svelte/icons/chart-line'
import CirclePause from '@lucide/svelte/icons/circle-pause'
import CirclePlay from '@lucide/svelte/icons/circle-play'
import Copy from '@lucide/svelte/icons/copy'
import FlaskConical from '@lucide/svelte/icons/flask-conical'
import ListTree from '@lucide/svelte/icons/list-tree'
import Pencil from '@lucide/svelte/icons/pencil'
import Power from '@lucide/svelte/icons/power'
import Snowflake from '@lucide/svelte/icons/snowflake'
import Trash from '@lucide/svelte/icons/trash'
import TriangleAlert from '@lucide/svelte/icons/triangle-alert'
import type { AccountChangeBody, AccountView } from '@relay/server/admin-contract'

import { api } from '#lib/api/client.ts'
import { i18n } from '#lib/i18n/i18n.svelte.ts'
import { attempt } from '#lib/state/attempt.ts'
import { confirm } from '#lib/state/confirm.svelte.ts'
import { paths } from '#lib/state/paths.ts'
import { mayChange } from '#lib/state/rights.ts'
import { toasts } from '#lib/state/toasts.svelte.ts'
import type { MenuAction } from '#lib/ui/menu-action.ts'

/** As the server has it. */
const MAX_NAME_LENGTH = 100

/** Where the pages of an account are. */
export function accountPath({ id }: Pick<AccountView, 'id'>, rest = ''): string {
  return `${paths.accounts}/${encodeURIComponent(id)}${rest}`
}

/**
 * What can be done to an account, as far as the reader may.
 *
 * @param onchange - called when something has changed
 */
export function accountActions(account: AccountView, onchange: () => void): readonly MenuAction[] {
  const { do: words } = i18n.text.accounts
  const change = (fields: AccountChangeBody) => () => void changeAccount(account, fields, onchange)
  const requests = `${paths.requests}?account=${encodeURIComponent(account.id)}`
  const looking: readonly MenuAction[] = [
    { label: words.usage, icon: ChartLine, run: () => void goto(accountPath(account, '#usage')) },
    { label: words.requests, icon: ListTree, run: () => void goto(requests) },
    { label: words.errors, icon: TriangleAlert, run: () => void goto(`${requests}&failed=true`) },
  ]
  if (!mayChange()) return looking
  const reading: readonly MenuAction[] = [
    { label: words.test, icon: FlaskConical, run: () => void goto(accountPath(account, '?test')) },
    ...looking,
    ...(account.managedBy === 'config'
      ? []
      : [{ label: words.edit, icon: Pencil, run: () => void goto(accountPath(account, '/edit')) }]),
    { label: words.clone, icon: Copy, run: () => void cloneAccount(account, onchange) },
  ]
  const isOut = account.state.cooldowns.length > 0 || account.state.attention !== undefined
  const clearing: readonly MenuAction[] = isOut
    ? [{ label: words.clearState, icon: Snowflake, run: () => void clearState(account, onchange) }]
    : []
  if (account.managedBy === 'config') return [...reading, ...clearing]
  const pausing = account.schedulable
    ? { label: words.pause, icon: CirclePause, run: change({ schedulable: false }) }
    : { label: words.resume, icon: CirclePlay, run: change({ schedulable: true }) }
  const switching = account.enabled
    ? { label: words.disable, icon: Power, run: change({ enabled: false }) }
    : { label: words.enable, icon: Power, run: change({ enabled: true }) }
  const removing = {
    label: words.remove,
    icon: Trash,
    isDangerous: true,
    run: () => void removeAccount(account, onchange),
  }
  return [...reading, ...clearing, pausing, switching, removing]
}

async function changeAccount(account: AccountView, fields: AccountChangeBody, onchange: () => void): Promise<void> {
  await attempt(() => api.updateAccount(account.id, fields), i18n.text.accounts.done.saved(account.name))
  onchange()
}

async function clearState(account: AccountView, onchange: () => void): Promise<void> {
  await attempt(() => api.clearAccountState(account.id), i18n.text.accounts.done.cleared(account.name))
  onchange()
}

async function cloneAccount(account: AccountView, onchange: () => void): Promise<void> {
  const { done, cloneName } = i18n.text.accounts
  const clone = await attempt(async () => api.cloneAccount(account.id, await freeName(cloneName(account.name))))
  if (clone !== undefined) toasts.say(done.cloned(clone.name))
  onchange()
  if (clone !== undefined) await goto(accountPath(clone, '/edit'))
}

/** The wanted name, with a number where others have it, and no longer than names may be. */
async function freeName(wanted: string): Promise<string> {
  const taken = new Set((await api.listAccounts()).accounts.map(({ name }) => name))
  for (let number = 1; ; number += 1) {
    const end = number === 1 ? '' : ` ${number}`
    const name = wanted.slice(0, MAX_NAME_LENGTH - end.length) + end
    if (!taken.has(name)) return name
  }
}

/** Asks, deletes, and says so. @returns whether it is gone */
async function removeAccount(account: AccountView, onchange: () => void): Promise<boolean> {
  const { removeQuestion, done, do: words } = i18n.text.accounts
  const isSure = await confirm({
    title: removeQuestion.title(account.name),
    lead: removeQuestion.lead,
    action: words.remove,
    isDangerous: true,
  })
  if (!isSure) return false
  const gone = await attempt(() => api.removeAccount(account.id), done.removed(account.name))
  onchange()
  return gone !== undefined
}
