import { ADMIN_API_PATH, liveSchema } from '@relay/server/admin-contract'
import type { LiveNumbers } from '@relay/server/admin-contract'

/** What the server tells while it happens. */
export interface Live {
  /** `undefined` until the first word, and while the connection is away. */
  readonly numbers: LiveNumbers | undefined
  /** Ends the connection. */
  close(): void
}

/** Listens to the server's events; the browser connects again by itself. */
export function openLive(): Live {
  let numbers = $state.raw<LiveNumbers>()
  const source = new EventSource(`${ADMIN_API_PATH}/live`)
  source.addEventListener('now', (event) => {
    const parsed = liveSchema.safeParse(readJson(String(event.data)))
    if (parsed.success) numbers = parsed.data
  })
  source.addEventListener('error', () => (numbers = undefined))
  return {
    get numbers() {
      return numbers
    },
    close: () => source.close(),
  }
}

/** What is no JSON comes from something in between; the schema refuses it. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
