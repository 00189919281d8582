import type { AnswerState } from '../model/answer-grammar.ts'
import type { Failure } from '../model/failure.ts'
import type { Loss } from '../model/loss.ts'
import type { StopReason } from '../model/stop-reason.ts'
import type { Usage } from '../model/usage.ts'
import type { ByteStreamConverter, StreamStats } from './answer-stream.ts'

/**
 * A stream around another one, which does as that one does; whoever wants a difference overrides it.
 *
 * All streams of this folder are classes: accessors in an object literal are made anew with each object, which costs
 * microseconds and makes engines look every member up (a seventh of what a passing packet cost).
 */
export class WrappedStream implements ByteStreamConverter {
  protected readonly inner: ByteStreamConverter

  constructor(inner: ByteStreamConverter) {
    this.inner = inner
  }

  push(chunk: Uint8Array | string): string | Uint8Array {
    return this.inner.push(chunk)
  }

  open(): string | Uint8Array {
    return this.inner.open()
  }

  end(): string | Uint8Array {
    return this.inner.end()
  }

  fail(failure: Failure): string | Uint8Array {
    return this.inner.fail(failure)
  }

  ping(): string | Uint8Array {
    return this.inner.ping()
  }

  get state(): AnswerState {
    return this.inner.state
  }

  get committed(): boolean {
    return this.inner.committed
  }

  get hasContent(): boolean {
    return this.inner.hasContent
  }

  get lacksOnlyEnd(): boolean {
    return this.inner.lacksOnlyEnd
  }

  get usage(): Usage | undefined {
    return this.inner.usage
  }

  get stop(): StopReason | undefined {
    return this.inner.stop
  }

  get error(): Failure | undefined {
    return this.inner.error
  }

  get upstreamId(): string | undefined {
    return this.inner.upstreamId
  }

  get upstreamModel(): string | undefined {
    return this.inner.upstreamModel
  }

  get losses(): readonly Loss[] {
    return this.inner.losses
  }

  get stats(): StreamStats {
    return this.inner.stats
  }
}
