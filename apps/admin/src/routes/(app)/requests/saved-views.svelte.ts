import { readPreference, writePreference } from '#lib/state/preference.ts'

import type { SavedView } from './views.ts'
import { MAX_VIEWS, parseViews } from './views.ts'

const PREFERENCE = 'relay-request-views'

let views = $state.raw<readonly SavedView[]>(parseViews(readPreference(PREFERENCE)))

/** The views of this browser. */
export const savedViews = {
  get all(): readonly SavedView[] {
    return views
  },
  /** Keeps a view; another one of that name goes. */
  keep(view: SavedView): void {
    change([...views.filter(({ name }) => name !== view.name), view].slice(-MAX_VIEWS))
  },
  forget(name: string): void {
    change(views.filter((view) => view.name !== name))
  },
}

function change(next: readonly SavedView[]): void {
  views = next
  writePreference(PREFERENCE, JSON.stringify(next))
}
