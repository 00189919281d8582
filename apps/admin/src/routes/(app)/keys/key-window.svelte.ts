import type { IssuedKey, KeyView } from '@relay/server/admin-contract'

/** What is open over the list of keys. */
export type ShownWindow =
  | { readonly type: 'none' }
  | { readonly type: 'form'; readonly key: KeyView | undefined }
  | { readonly type: 'rotate'; readonly key: KeyView }
  | { readonly type: 'issued'; readonly issued: IssuedKey }

/** The one window over the list of keys. */
export interface KeyWindowState {
  readonly current: ShownWindow
  readonly create: () => void
  readonly edit: (key: KeyView) => void
  readonly rotate: (key: KeyView) => void
  readonly issue: (issued: IssuedKey) => void
  readonly close: () => void
}

/** Makes the window, closed. */
export function createKeyWindow(): KeyWindowState {
  let current = $state.raw<ShownWindow>({ type: 'none' })
  return {
    get current() {
      return current
    },
    create: () => (current = { type: 'form', key: undefined }),
    edit: (key) => (current = { type: 'form', key }),
    rotate: (key) => (current = { type: 'rotate', key }),
    issue: (issued) => (current = { type: 'issued', issued }),
    close: () => (current = { type: 'none' }),
  }
}
