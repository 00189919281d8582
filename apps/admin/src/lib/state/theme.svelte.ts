import { readPreference, writePreference } from './preference.ts'

/** How the panel looks; `system` follows the operating system. */
export type Theme = 'system' | 'light' | 'dark'

/** `static/first-paint.js` reads the same name. */
const PREFERENCE = 'relay-theme'
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }

let chosen = $state<Theme>(readTheme())

/** The chosen theme. */
export const theme = {
  get current(): Theme {
    return chosen
  },
  /** Goes on to the next of system, light, dark; shows and remembers it. */
  switch(): void {
    chosen = NEXT[chosen]
    writePreference(PREFERENCE, chosen)
    if (chosen === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = chosen
  },
}

function readTheme(): Theme {
  const remembered = readPreference(PREFERENCE)
  return remembered === 'light' || remembered === 'dark' ? remembered : 'system'
}
