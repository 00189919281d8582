import { ADMIN_API_PATH, liveSchema } from '@relay/server/admin-contract'
import type { LiveNumbers } from '@relay/server/admin-contract'

/** What the server tells while it happens. */
export interface Live {
  /** `undefined` until the first word, and while the connection is away. */
  readonly numbers: LiveNumbers | undefined
  /** Ends the connection. */
  close(): void
}

/** Seldom enough to cost nothing while the relay is away. */
const AGAIN_MS = 10_000

/** Listens to the server's events, again and again. */
export function openLive(): Live {
  let numbers = $state.raw<LiveNumbers>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let source = connect()

  function connect(): EventSource {
    const opened = new EventSource(`${ADMIN_API_PATH}/live`)
    opened.addEventListener('now', (event) => {
      const parsed = liveSchema.safeParse(readJson(String(event.data)))
      if (parsed.success) numbers = parsed.data
    })
    opened.addEventListener('error', () => {
      numbers = undefined
      // The browser connects again by itself, but not after a refusal, as of a proxy that does not reach the relay.
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(() => (source = connect()), AGAIN_MS)
    })
    return opened
  }

  return {
    get numbers() {
      return numbers
    },
    close() {
      clearTimeout(timer)
      source.close()
    },
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
