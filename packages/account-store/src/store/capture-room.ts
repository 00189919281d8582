import type { Capture, CaptureEntry, CaptureInput, Capturing, CapturingInput } from '../capture.ts'

/**
 * Requests that an operator has captured with the raw answers of their upstreams. They hold prompts and answers: kept
 * sealed, only for a time, and only where somebody asked for it before the request came.
 */
export interface CaptureRoom {
  /** Captures the next requests of a key until the time or the number is reached.
   * @throws StoreError `invalid-input`, `not-found` for the key */
  startCapturing(input: CapturingInput): Promise<Capturing>
  /** @returns whether there was anything to stop */
  stopCapturing(keyId: string): Promise<boolean>
  /** The keys whose requests are being captured now, soonest end first. */
  listCapturing(): Promise<readonly Capturing[]>
  /** Keeps a capture if, in this very moment, the key's requests are being captured; counts it in the same step. One of the same request is kept once.
   * @returns whether it was kept
   * @throws StoreError `invalid-input` */
  saveCapture(input: CaptureInput): Promise<boolean>
  /** Newest first, of one key or of all; at most 500. */
  listCaptures(keyId?: string): Promise<readonly CaptureEntry[]>
  /** `undefined` when there is none, or its time is over. */
  getCapture(requestId: string): Promise<Capture | undefined>
  /** @returns whether there was one */
  removeCapture(requestId: string): Promise<boolean>
  /** Takes expired captures off the disk, and notes of capturing that is over.
   * @returns how many captures */
  removeExpiredCaptures(): Promise<number>
}
