import ArrowLeftRight from '@lucide/svelte/icons/arrow-left-right'
import ChartLine from '@lucide/svelte/icons/chart-line'
import KeyRound from '@lucide/svelte/icons/key-round'
import LayoutDashboard from '@lucide/svelte/icons/layout-dashboard'
import ListTree from '@lucide/svelte/icons/list-tree'
import ScrollText from '@lucide/svelte/icons/scroll-text'
import Server from '@lucide/svelte/icons/server'
import Settings from '@lucide/svelte/icons/settings'
import type { Component } from 'svelte'

import { i18n } from '#lib/i18n/i18n.svelte.ts'
import { paths } from '#lib/state/paths.ts'

/** A page that the navigation leads to. */
export interface PanelPage {
  readonly href: string
  readonly icon: Component<{ size?: number | string; 'aria-hidden'?: 'true' }>
  /** Its name in the chosen language. */
  readonly label: () => string
  /** `g` and this key lead to it; left out where there is none. */
  readonly key?: string
}

/** The pages in the order of the navigation: a page is added here when it works, not before. */
export const pages: readonly PanelPage[] = [
  { href: paths.dashboard, icon: LayoutDashboard, label: () => i18n.text.navigation.dashboard, key: 'd' },
  { href: paths.accounts, icon: Server, label: () => i18n.text.accounts.title, key: 'a' },
  { href: paths.keys, icon: KeyRound, label: () => i18n.text.keys.title, key: 'k' },
  { href: paths.conversion, icon: ArrowLeftRight, label: () => i18n.text.navigation.conversion, key: 'c' },
  { href: paths.requests, icon: ListTree, label: () => i18n.text.navigation.requests, key: 'r' },
  { href: paths.usage, icon: ChartLine, label: () => i18n.text.navigation.usage, key: 'u' },
  { href: paths.settings, icon: Settings, label: () => i18n.text.settings.title, key: 's' },
  { href: paths.audit, icon: ScrollText, label: () => i18n.text.audit.title },
]

/** Whether an address lies on a page or below it. */
export function isOnPage({ href }: PanelPage, pathname: string): boolean {
  return pathname === href || pathname.startsWith(`${href}/`)
}
