import type { IncomingHttpHeaders } from 'node:http'

import { type Account, type AccountStore, MAX_CAPTURE_CHARACTERS } from '@relay/account-store'
import type { FormatName, ProfileOverrides } from '@relay/format-converter'

import type { Log } from '../observe/log.ts'
import { createSeldomWarning } from '../observe/seldom-warning.ts'
import { readCaptureDefaults } from './capture-defaults.ts'
import { type CapturedExchange, writeCapture } from './captured-exchange.ts'
import { createRecording, type Recording } from './recording.ts'
import { createScrubber } from './scrub.ts'

/** How old the list of captured keys may be; other processes change it. */
const REFRESH_MS = 1000
const DAY_MS = 24 * 3_600_000
/** Expired captures may lie on the disk for so long; nobody can read them. */
const SWEEP_MS = 60_000

/** What a recording is told at its start. */
export interface RecordedAttempt {
  readonly requestId: string
  readonly keyId: string
  readonly startedAt: number
  readonly clientFormat: FormatName
  readonly upstreamFormat: FormatName
  readonly model: string
  readonly upstreamModel: string
  readonly isStream: boolean
  readonly account: Account
  /** With the preset that was chosen. */
  readonly profileId: string | undefined
  readonly clientHeaders: IncomingHttpHeaders
  readonly request: Uint8Array
  readonly sent: Uint8Array | string
  /** The credential the upstream was shown, to be taken out. */
  readonly credential: string | undefined
}

/** Records requests of keys for which an operator asked for it. */
export interface Recorder {
  /** Begins to record one attempt; `undefined`, and nothing is kept, unless capturing is on for the key. */
  record(attempt: RecordedAttempt): Recording | undefined
  stop(): void
}

/** Makes a recorder; it asks the store once a second whose requests are captured, and never while a request waits. */
export function createRecorder(store: AccountStore, log: Log): Recorder {
  let keys: ReadonlySet<string> = new Set()
  const warnOfRefresh = createSeldomWarning(log, 'the store does not say whose requests are captured; none are')

  async function refresh(): Promise<void> {
    try {
      keys = new Set((await store.listCapturing()).map(({ keyId }) => keyId))
    } catch (error) {
      keys = new Set() // what is not known to be wanted is not kept
      warnOfRefresh(error)
    }
  }

  function sweep(): void {
    store
      .removeExpiredCaptures()
      .catch((error: unknown) => log.warn({ error }, 'expired captures could not be taken off the disk'))
  }

  async function keep(keyId: string, exchange: CapturedExchange): Promise<void> {
    const body = writeCapture(exchange)
    if (body.length > MAX_CAPTURE_CHARACTERS) return
    const { keepDays } = await readCaptureDefaults(store)
    await store.saveCapture({ requestId: exchange.requestId, keyId, body, ttlMs: keepDays * DAY_MS })
  }

  function record(attempt: RecordedAttempt): Recording | undefined {
    if (!keys.has(attempt.keyId)) return undefined
    const scrubber = createScrubber(log, [attempt.credential, ...shownSecrets(attempt.clientHeaders)])
    return createRecording(({ request, sent, answer, ...seen }) => {
      const exchange: CapturedExchange = {
        ...factsOf(attempt),
        ...seen,
        clientHeaders: scrubber.headers(attempt.clientHeaders),
        request: scrubber.bytes(request),
        sent: scrubber.bytes(sent),
        answer: scrubber.bytes(answer),
      }
      keep(attempt.keyId, exchange).catch((error: unknown) =>
        log.warn({ requestId: attempt.requestId, error }, 'a capture could not be kept'),
      )
    }, attempt)
  }

  void refresh()
  sweep()
  const timers = [setInterval(() => void refresh(), REFRESH_MS), setInterval(sweep, SWEEP_MS)]
  for (const timer of timers) timer.unref()
  return { record, stop: () => timers.forEach(clearInterval) }
}

type Facts = Omit<
  CapturedExchange,
  'request' | 'sent' | 'answer' | 'clientHeaders' | 'status' | 'contentType' | 'isCut'
>

function factsOf({ account, profileId, ...attempt }: RecordedAttempt): Facts {
  const overrides = account.profile as ProfileOverrides // checked when the account was saved
  return {
    requestId: attempt.requestId,
    startedAt: attempt.startedAt,
    clientFormat: attempt.clientFormat,
    upstreamFormat: attempt.upstreamFormat,
    model: attempt.model,
    upstreamModel: attempt.upstreamModel,
    isStream: attempt.isStream,
    accountId: account.id,
    accountName: account.name,
    profile: profileId === undefined ? overrides : { id: profileId, ...overrides },
  }
}

/** What the client showed as its key, however it did. */
function shownSecrets({ authorization, ...headers }: IncomingHttpHeaders): readonly (string | undefined)[] {
  const named = [headers['x-api-key'], headers['api-key']].map((value) => (Array.isArray(value) ? value[0] : value))
  return [authorization?.replace(/^\w+\s+/, ''), ...named]
}
