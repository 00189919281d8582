const MAX_ENTRIES = 10_000

/** Which account serves something that goes on, such as a thread or a session. */
export interface AccountMemory {
  remember(name: string, accountId: string): void
  accountOf(name: string): string | undefined
}

/** Remembers in this process, the last ones only: whoever is forgotten starts anew somewhere. */
export function createAccountMemory(ttlMs: number): AccountMemory {
  const entries = new Map<string, { readonly accountId: string; readonly until: number }>()
  return {
    remember: (name, accountId) => {
      entries.delete(name)
      entries.set(name, { accountId, until: Date.now() + ttlMs })
      const oldest = entries.keys().next().value
      if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest)
    },
    accountOf: (name) => {
      const entry = entries.get(name)
      return entry === undefined || entry.until < Date.now() ? undefined : entry.accountId
    },
  }
}
