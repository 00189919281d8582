import type { Recorder } from '../capture/recorder.ts'
import type { Recording } from '../capture/recording.ts'
import type { LiveRequest } from './live-request.ts'
import type { PreparedAttempt } from './prepare/prepare-attempt.ts'
import type { Envelope } from './request/envelope.ts'

/** Of several attempts the last one is kept: the one that answered, or that ended the request. */
const newest = new WeakMap<LiveRequest, Recording>()

/** What is being tried. */
export interface RecordedTry {
  readonly live: LiveRequest
  readonly envelope: Envelope
  readonly credential: string | undefined
}

/** The attempt with a recording on it, where an operator captures requests of this key; else the attempt as it is. */
export function recordAttempt(
  recorder: Recorder,
  attempt: PreparedAttempt,
  { live, envelope, credential }: RecordedTry,
): PreparedAttempt {
  const { key } = live.facts
  if (key === undefined) return attempt
  const recording = recorder.record({
    requestId: live.id,
    keyId: key.id,
    startedAt: live.startedAt,
    clientFormat: live.format,
    upstreamFormat: attempt.choice.format,
    model: envelope.model,
    upstreamModel: attempt.upstreamModel,
    isStream: live.facts.isStream,
    account: attempt.account,
    profileId: attempt.choice.profileId,
    clientHeaders: live.incoming.headers,
    request: envelope.bytes,
    sent: attempt.request.body ?? '',
    credential,
  })
  if (recording === undefined) return attempt
  newest.set(live, recording)
  live.own(() => newest.get(live) === recording && recording.keep())
  return { ...attempt, recording }
}
