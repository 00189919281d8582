import type { Admissions } from '../auth/admissions.ts'
import { authenticate, authorise, type AuthRooms } from '../auth/authenticate.ts'
import { estimateUse } from '../auth/estimate-use.ts'
import type { PriceBook } from '../meter/prices/price-book.ts'
import type { RunningNotes } from '../meter/running-notes.ts'
import type { LiveRequest } from '../relay/live-request.ts'
import { type AdmittedRequest, relayRequest, type RelayRooms } from '../relay/relay-request.ts'
import { type Envelope, openEnvelope } from '../relay/request/envelope.ts'
import { othersTurn } from './others-turn.ts'
import { BODY_LIMITS, type BodyLimits, readBody } from './read-body.ts'
import type { ServingRooms } from './serve-request.ts'

export interface GenerateRooms extends ServingRooms, RelayRooms, AuthRooms {
  readonly admissions: Admissions
  readonly prices: PriceBook
  readonly running: RunningNotes
}

/** What is special about a request; nothing for one that generates. */
interface GenerateUse extends Pick<AdmittedRequest, 'nativePath' | 'passage'> {
  /** Opens the body otherwise than as a request of the client's format. */
  readonly open?: (bytes: Uint8Array) => Envelope
  /** The body is a form, which may hold files. */
  readonly isForm?: boolean
}

const FORM_LIMITS: BodyLimits = { ...BODY_LIMITS, isBinary: true }

/** Key → body → permission → limits → the journey to an upstream. */
export async function generate(rooms: GenerateRooms, live: LiveRequest, use: GenerateUse = {}): Promise<void> {
  const { facts, format } = live
  const { nativePath, passage, isForm = false, open = (bytes) => openEnvelope(bytes, { format }) } = use
  const key = await authenticate(rooms, live.incoming)
  facts.key = key
  const bytes = await readBody(live.incoming, isForm ? FORM_LIMITS : BODY_LIMITS)
  facts.bodyBytes = bytes.length
  const envelope = open(bytes)
  const turn = othersTurn(bytes) // all of it was looked at
  if (turn !== undefined) await turn
  facts.model = envelope.model
  facts.isStream = envelope.isStream && nativePath === undefined
  authorise(key, { format, model: envelope.model })

  await rooms.admissions.enter({
    live,
    key,
    reserve: () => estimateUse(rooms, { live, envelope, permissions: key.permissions }),
  })
  if (live.isFinished) return
  rooms.running.note(live)
  await relayRequest(rooms, { live, envelope, key, nativePath, passage })
}
