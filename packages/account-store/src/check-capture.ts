import type { CaptureInput, CapturingInput } from './capture.ts'
import { MAX_CAPTURE_CHARACTERS, MAX_CAPTURE_TTL_MS, MAX_CAPTURES, MAX_CAPTURING_MS } from './capture.ts'
import { checkNumber, checkText, refuseField } from './check-field.ts'

const NAME = { min: 1, max: 200 }

/** @throws StoreError `invalid-input` */
export function checkCapturing({ keyId, durationMs, maxCaptures, startedBy }: CapturingInput): CapturingInput {
  return {
    keyId: checkText('keyId', keyId, NAME),
    durationMs: checkNumber('durationMs', durationMs, { min: 1, max: MAX_CAPTURING_MS }),
    maxCaptures: checkNumber('maxCaptures', maxCaptures, { min: 1, max: MAX_CAPTURES }),
    startedBy: checkText('startedBy', startedBy, NAME),
  }
}

/** @throws StoreError `invalid-input` */
export function checkCapture({ requestId, keyId, body, ttlMs }: CaptureInput): CaptureInput {
  if (body.length > MAX_CAPTURE_CHARACTERS)
    refuseField('body', `has ${body.length} characters, allowed are ${MAX_CAPTURE_CHARACTERS}`)
  return {
    requestId: checkText('requestId', requestId, NAME),
    keyId: checkText('keyId', keyId, NAME),
    body,
    ttlMs: checkNumber('ttlMs', ttlMs, { min: 1, max: MAX_CAPTURE_TTL_MS }),
  }
}
