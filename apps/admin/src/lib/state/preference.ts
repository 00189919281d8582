/** What this browser remembers; `undefined` where it remembers nothing or storage is forbidden. */
export function readPreference(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined
  } catch {
    // Some browsers throw in private windows: then the choice lasts as long as the page.
    return undefined
  }
}

/** Makes this browser remember a choice, where it may. */
export function writePreference(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // See above: not remembering is no reason to fail.
  }
}
