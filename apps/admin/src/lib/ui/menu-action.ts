import type { Component } from 'svelte'

/** One line of a menu. */
export interface MenuAction {
  readonly label: string
  readonly icon?: Component<{ size?: number | string; class?: string; 'aria-hidden'?: 'true' }>
  readonly isDangerous?: boolean
  readonly run: () => void
}
