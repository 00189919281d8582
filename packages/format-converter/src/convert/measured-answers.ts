import type { RuleMeter } from '../rules/rule-meter.ts'
import type { ByteStreamConverter, StreamStats } from './answer-stream.ts'
import type { AnswerSide } from './exchange.ts'
import { textOnly, toTransformStream } from './transform-stream.ts'

interface Measuring {
  /** Monotonic milliseconds with fractions; `undefined` = nothing is timed. */
  readonly clock: (() => number) | undefined
  /** `undefined` where there are no rules. */
  readonly meter: RuleMeter | undefined
}

/** The way back with streams that know their time and their rules; the very same one where nobody asked for either. */
export function withMeasures(answers: AnswerSide, measuring: Measuring): AnswerSide {
  if (measuring.clock === undefined && measuring.meter === undefined) return answers
  const openBytes = (): ByteStreamConverter => measureStream(answers.byteStream(), measuring)
  return {
    ...answers,
    byteStream: openBytes,
    stream: () => textOnly(openBytes()),
    transform: () => toTransformStream(openBytes()),
  }
}

function measureStream(converter: ByteStreamConverter, { clock, meter }: Measuring): ByteStreamConverter {
  let milliseconds = 0

  function timed<Output>(step: () => Output): Output {
    if (clock === undefined) return step()
    const startedAt = clock()
    const output = step()
    milliseconds += clock() - startedAt
    return output
  }

  function stats(): StreamStats {
    const { rules, ...passed } = converter.stats
    const convertNs = clock === undefined ? undefined : Math.round(milliseconds * 1e6)
    return { ...passed, convertNs, rules: meter?.figures() ?? rules }
  }

  return Object.create(converter, {
    push: { value: (chunk: Uint8Array | string) => timed(() => converter.push(chunk)) },
    open: { value: () => timed(() => converter.open()) },
    end: { value: () => timed(() => converter.end()) },
    fail: { value: (failure: Parameters<ByteStreamConverter['fail']>[0]) => timed(() => converter.fail(failure)) },
    stats: { get: stats },
  }) as ByteStreamConverter // everything else is read from the converter itself
}
