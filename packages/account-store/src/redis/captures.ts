import type { Capture, CaptureEntry, CaptureInput, Capturing, CapturingInput } from '../capture.ts'
import { checkCapture, checkCapturing } from '../check-capture.ts'
import { StoreError } from '../store-error.ts'
import type { CaptureRoom } from '../store/capture-room.ts'
import type { RedisContext } from './context.ts'
import type { CaptureKeys } from './redis-keys.ts'
import { parseJson, toNumber, toPairs, toText, toTexts } from './reply.ts'
import { REMOVE_CAPTURES, SAVE_CAPTURE } from './scripts/captures.ts'

/** Most entries that a list has. */
const MAX_LISTED = 500

/** Captures in Redis. */
export function createCaptureRoom(context: RedisContext): CaptureRoom {
  const { link, keys, box, now, scriptClock } = context
  const places = placesOf(keys.captures)

  async function startCapturing(input: CapturingInput): Promise<Capturing> {
    const { keyId, durationMs, maxCaptures: remaining, startedBy } = checkCapturing(input)
    const [row] = await link.send(['HEXISTS', keys.relayKeys, keyId])
    if (toNumber(row) !== 1) throw new StoreError('not-found', `there is no relay key ${keyId}`)
    const capturing: Capturing = { keyId, startedAt: now(), endsAt: now() + durationMs, startedBy, remaining }
    await link.send(['HSET', keys.captures.capturing, keyId, JSON.stringify(capturing)])
    return capturing
  }

  async function listCapturing(): Promise<readonly Capturing[]> {
    const [pairs] = await link.send(['HGETALL', keys.captures.capturing])
    return toPairs(pairs)
      .map(([, text]) => parseJson(text) as Capturing) // written by `startCapturing` from this very type
      .filter(({ endsAt, remaining }) => remaining > 0 && endsAt > now())
      .toSorted((one, other) => one.endsAt - other.endsAt || (one.keyId < other.keyId ? -1 : 1))
  }

  async function stopCapturing(keyId: string): Promise<boolean> {
    const isOn = (await listCapturing()).some((capturing) => capturing.keyId === keyId)
    const [removed] = await link.send(['HDEL', keys.captures.capturing, keyId])
    return isOn && toNumber(removed) === 1
  }

  async function saveCapture(input: CaptureInput): Promise<boolean> {
    const { requestId, keyId, body, ttlMs } = checkCapture(input)
    const sealed = box.seal(body, captureContext(keyId, requestId))
    const createdAt = now()
    const entry: CaptureEntry = { requestId, keyId, createdAt, expiresAt: createdAt + ttlMs, bytes: sealed.length }
    const answer = await link.run(SAVE_CAPTURE, {
      keys: places,
      args: [scriptClock(), keyId, requestId, JSON.stringify(entry), sealed],
    })
    return toNumber(answer) === 1
  }

  async function listCaptures(keyId?: string): Promise<readonly CaptureEntry[]> {
    const [ids] = await link.send(['ZREVRANGE', keys.captures.order, 0, -1])
    const names = toTexts(ids).filter((id) => id !== undefined)
    if (names.length === 0) return []
    const [texts] = await link.send(['HMGET', keys.captures.entries, ...names])
    return toTexts(texts)
      .flatMap((text) => (text === undefined ? [] : [readEntry(text)]))
      .filter((entry) => entry.expiresAt > now() && (keyId === undefined || entry.keyId === keyId))
      .slice(0, MAX_LISTED)
  }

  async function getCapture(requestId: string): Promise<Capture | undefined> {
    const [entryText, sealed] = await link.send(
      ['HGET', keys.captures.entries, requestId],
      ['HGET', keys.captures.bodies, requestId],
    )
    const [text, body] = [toText(entryText), toText(sealed)]
    if (text === undefined || body === undefined) return undefined
    const entry = readEntry(text)
    // Sealed with another key: as good as expired.
    const opened = entry.expiresAt > now() ? box.open(body, captureContext(entry.keyId, requestId)) : undefined
    return opened === undefined ? undefined : { ...entry, body: opened }
  }

  async function remove(requestId: string): Promise<number> {
    return toNumber(await link.run(REMOVE_CAPTURES, { keys: places, args: [scriptClock(), requestId] }))
  }

  return {
    startCapturing,
    stopCapturing,
    listCapturing,
    saveCapture,
    listCaptures,
    getCapture,
    removeCapture: async (requestId) => requestId !== '' && (await remove(requestId)) > 0,
    removeExpiredCaptures: async () => remove(''),
  }
}

function placesOf({ capturing, entries, bodies, order, ends }: CaptureKeys): readonly string[] {
  return [capturing, entries, bodies, order, ends]
}

/** Reads what is kept of a capture beside its body. */
export function readEntry(text: string): CaptureEntry {
  return parseJson(text) as CaptureEntry // written by `saveCapture` from this very type
}

/** What the body of a capture is sealed for. */
export function captureContext(keyId: string, requestId: string): string {
  return `capture:${keyId}:${requestId}`
}
