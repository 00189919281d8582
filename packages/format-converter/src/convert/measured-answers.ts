import type { Failure } from '../model/failure.ts'
import type { RuleMeter } from '../rules/rule-meter.ts'
import type { ByteStreamConverter, StreamStats } from './answer-stream.ts'
import type { AnswerSide } from './exchange.ts'
import { textOnly, toTransformStream } from './transform-stream.ts'
import { WrappedStream } from './wrapped-stream.ts'

interface Measuring {
  /** Monotonic milliseconds with fractions; `undefined` = nothing is timed. */
  readonly clock: (() => number) | undefined
  /** `undefined` where there are no rules. */
  readonly meter: RuleMeter | undefined
}

/** The way back with streams that know their time and their rules; the very same one where nobody asked for either. */
export function withMeasures(answers: AnswerSide, measuring: Measuring): AnswerSide {
  if (measuring.clock === undefined && measuring.meter === undefined) return answers
  const openBytes = (): ByteStreamConverter => new MeasuredStream(answers.byteStream(), measuring)
  return {
    ...answers,
    byteStream: openBytes,
    stream: () => textOnly(openBytes()),
    transform: () => toTransformStream(openBytes()),
  }
}

class MeasuredStream extends WrappedStream {
  readonly #measuring: Measuring
  #milliseconds = 0

  constructor(inner: ByteStreamConverter, measuring: Measuring) {
    super(inner)
    this.#measuring = measuring
  }

  override push(chunk: Uint8Array | string): string | Uint8Array {
    return this.#timed(() => super.push(chunk))
  }

  override open(): string | Uint8Array {
    return this.#timed(() => super.open())
  }

  override end(): string | Uint8Array {
    return this.#timed(() => super.end())
  }

  override fail(failure: Failure): string | Uint8Array {
    return this.#timed(() => super.fail(failure))
  }

  override get stats(): StreamStats {
    const { clock, meter } = this.#measuring
    const { rules, ...passed } = super.stats
    const convertNs = clock === undefined ? undefined : Math.round(this.#milliseconds * 1e6)
    return { ...passed, convertNs, rules: meter?.figures ?? rules }
  }

  #timed<Output>(step: () => Output): Output {
    const { clock } = this.#measuring
    if (clock === undefined) return step()
    const startedAt = clock()
    const output = step()
    this.#milliseconds += clock() - startedAt
    return output
  }
}
