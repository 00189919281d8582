import { htmlReply, jsonReply, sseReply } from '@relay/upstreams/testing'
import type { FakeAnswer, RecordedRequest } from '@relay/upstreams/testing'

import type { SpokenFormat } from '../clients/model/asked.ts'

/** Who is bad when, and how; the same for the same seed and the same requests. */
export interface Faults {
  /** @returns what happens in place of the answer, or with it */
  disturb(place: number, request: RecordedRequest, give: () => FakeAnswer): FakeAnswer
  /** How often each fault was met so far. */
  counts(): Readonly<Record<string, number>>
  /** Whether the latest answer that was given was cut. */
  readonly hasCut: boolean
}

export interface FaultOptions {
  readonly format: SpokenFormat
  readonly places: number
  readonly seed: number
}

/** A bad account stays bad for so many requests of the pool. */
const SHORTEST_BADNESS = 4
const LONGEST_BADNESS = 12
/** The share of the good accounts' streams that is cut. */
const CUT_SHARE = 0.06

/** Makes the faults of one run. */
export function createFaults({ format, places, seed }: FaultOptions): Faults {
  const random = seeded(seed)
  const counts = new Map<string, number>()
  const kinds = Object.entries(badAnswers(format))
  let bad = 0
  let badFor = SHORTEST_BADNESS
  let hasCut = false

  function note(name: string): void {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }

  function moveOn(): void {
    badFor -= 1
    if (badFor > 0) return
    badFor = SHORTEST_BADNESS + Math.floor(random() * (LONGEST_BADNESS - SHORTEST_BADNESS))
    bad = (bad + 1 + Math.floor(random() * (places - 1))) % places
  }

  function fail(): FakeAnswer {
    const [name, answer] = kinds[Math.floor(random() * kinds.length)] ?? ['silence', { kind: 'close' } as const]
    note(name)
    return answer
  }

  function cut(answer: FakeAnswer): FakeAnswer {
    const body = answer.kind === 'reply' && typeof answer.body === 'string' ? answer.body : undefined
    if (answer.kind !== 'reply' || body === undefined || random() > CUT_SHARE) return answer
    hasCut = true
    note('stream cut in the middle')
    return { ...answer, cutAfterBytes: Math.floor(Buffer.byteLength(body) * (0.3 + random() * 0.3)) }
  }

  return {
    disturb: (place, request, give) => {
      moveOn()
      hasCut = false
      if (place === bad) return fail()
      const answer = give()
      const isStream = request.body.includes('"stream":true')
      return isStream ? cut(answer) : answer
    },
    counts: () => Object.fromEntries([...counts].toSorted(([left], [right]) => left.localeCompare(right))),
    get hasCut() {
      return hasCut
    },
  }
}

/** Ways of an upstream to be bad before any content. */
function badAnswers(format: SpokenFormat): Readonly<Record<string, FakeAnswer>> {
  const overloaded = format === 'anthropic-messages' ? 529 : 503
  return {
    'overloaded status': jsonReply(errorBody(format, 'overloaded_error'), { status: overloaded }),
    'internal error': jsonReply(errorBody(format, 'api_error'), { status: 500 }),
    'rate limit': jsonReply(errorBody(format, 'rate_limit_error'), { status: 429, headers: { 'retry-after': '1' } }),
    'connection closed': { kind: 'close' },
    'connection reset': { kind: 'close', isReset: true },
    'gateway page': htmlReply({ status: 502 }),
    'error inside a stream': sseReply(streamError(format)),
  }
}

function errorBody(format: SpokenFormat, type: string): object {
  const message = 'this account has a bad moment'
  if (format === 'anthropic-messages') return { type: 'error', error: { type, message }, request_id: 'req_bad' }
  return { error: { message, type: 'server_error', param: null, code: null } }
}

function streamError(format: SpokenFormat): string {
  switch (format) {
    case 'anthropic-messages':
      return `event: error\ndata: ${JSON.stringify(errorBody(format, 'overloaded_error'))}\n\n`
    case 'openai-chat':
      return `data: ${JSON.stringify(errorBody(format, 'server_error'))}\n\n`
    case 'openai-responses': {
      const error = { code: 'server_error', message: 'this account has a bad moment' }
      const response = {
        id: 'resp_bad',
        object: 'response',
        created_at: 1,
        model: 'm',
        status: 'failed',
        error,
        output: [],
      }
      return `event: response.failed\ndata: ${JSON.stringify({ type: 'response.failed', sequence_number: 0, response })}\n\n`
    }
  }
}

/** Mulberry32: small, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
