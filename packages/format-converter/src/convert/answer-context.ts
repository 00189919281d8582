import type { UpstreamProfile } from '../adapt/profile.ts'
import type { CodecBook } from '../codec-book.ts'
import type { Codec, DecodeAnswerContext, EncodeAnswerContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { AnswerEvent, EmitEvent } from '../model/answer-event.ts'
import type { Failure } from '../model/failure.ts'
import type { FormatName } from '../model/format-name.ts'
import type { ReportLoss } from '../model/loss.ts'
import type { ConversionOptions } from '../options.ts'
import { filterForClient, filterUpstream, type EventStation, type FilterContext } from './answer-filters.ts'
import type { ExchangeFacts } from './exchange-facts.ts'
import { refusalOf, type LossLedger, type LossPolicy } from './loss-ledger.ts'
import { createUnsaidReporter } from './report-unsaid.ts'
import { restoreTools, type RestoreTool } from './restore-tools.ts'

/** Everything the answer side of an exchange needs. */
export interface AnswerConversion {
  readonly codecs: CodecBook
  readonly facts: ExchangeFacts
  readonly profile: UpstreamProfile
  readonly options: ConversionOptions
  readonly ledger: LossLedger
  /** Judges answers too where the option `strictResponses` says so; default `warn`. */
  readonly policy?: LossPolicy | undefined
  /** The format the upstream answers in, unless its body says otherwise. */
  readonly answerFormat: FormatName
  /** Look at the body before believing `answerFormat`. */
  readonly recognisesAnswer: boolean
  readonly newId: () => string
  /** Unix time in milliseconds, when the exchange began. */
  readonly nowMs: number
  /** Unix time in milliseconds, now. */
  readonly now: () => number
  readonly issuer?: string | undefined
  readonly requestId?: string | undefined
}

/** An answer on its way back, with what was learned from the request. */
export interface Side extends AnswerConversion {
  readonly client: Codec
  /** Id of the client's answer, the same for stream and whole. */
  readonly answerId: string
  readonly restore: RestoreTool
  readonly decoding: DecodeAnswerContext
}

export function openSide(conversion: AnswerConversion): Side {
  const { codecs, facts, ledger, newId } = conversion
  // Every member by its name: there is one of these for every request, and a spread costs more than all of them.
  return {
    codecs,
    facts,
    profile: conversion.profile,
    options: conversion.options,
    ledger,
    policy: conversion.policy,
    answerFormat: conversion.answerFormat,
    recognisesAnswer: conversion.recognisesAnswer,
    newId,
    nowMs: conversion.nowMs,
    now: conversion.now,
    issuer: conversion.issuer,
    requestId: conversion.requestId,
    client: codecs.get(facts.client),
    answerId: newId(),
    restore: restorerOf(facts),
    decoding: {
      profile: profileForAnswer(conversion),
      newId,
      stop: facts.stop,
      report: (loss) => ledger.report('stream', loss),
    },
  }
}

function restorerOf({ renamedTools }: ExchangeFacts): RestoreTool {
  if (renamedTools.length === 0) return NOT_RENAMED
  const renamed = new Map(renamedTools.map((tool) => [tool.wireName, tool]))
  return (name) => renamed.get(name)
}

const NOT_RENAMED: RestoreTool = () => undefined

/** The filter for reasoning in tags is a trait of the upstream, wherever it was switched on. */
function profileForAnswer({ profile, options }: AnswerConversion): UpstreamProfile {
  if (!options.filters.includes('thinkTags')) return profile
  return { ...profile, dialect: { ...profile.dialect, thinkTags: true } }
}

/** Gives events the client's words, and sends them through the filters that options ask for. */
export function stationOf(
  { facts, options, newId, restore, decoding: { report } }: Side,
  emit: EmitEvent,
  isLive: boolean,
): EventStation {
  const context: FilterContext = { options, stop: facts.stop, tools: new Set(facts.toolNames), newId, isLive }
  const { push, flush } = filterForClient(context, emit)
  const named = facts.renamedTools.length === 0 ? push : restoreTools({ restore, report }, push)
  return { push: filterUpstream(context, named), flush }
}

export function watchFor({ client, ledger }: Side, upstream: Codec, isStream: boolean): (event: AnswerEvent) => void {
  const report: ReportLoss = (loss) => ledger.report('response', loss)
  return createUnsaidReporter({ client: client.format, upstream: upstream.format, isStream, report })
}

/** What the policy does not let pass of an answer; nothing unless it is to judge answers. */
export function refusalOfAnswer({ options, policy = 'warn', ledger }: Side): Failure | undefined {
  if (!options.strictResponses) return undefined
  const losses = ledger.losses.filter(({ stage }) => stage === 'response' || stage === 'stream')
  return refusalOf(policy, losses)
}

/** The codec that reads the answer: the recognised one, where the body may decide and there is one. */
export function codecOf(side: Side, seen: FormatName | undefined): Codec {
  const isSeen = seen !== undefined && side.codecs.has(seen) && mayDecide(side, seen)
  return side.codecs.get(isSeen ? seen : side.answerFormat)
}

/** A format that was named stands for its family: which of OpenAI's two it is, the body still tells. */
function mayDecide({ recognisesAnswer, answerFormat }: Side, seen: FormatName): boolean {
  return recognisesAnswer || (OPENAI.has(seen) && OPENAI.has(answerFormat))
}

const OPENAI: ReadonlySet<FormatName> = new Set(['openai-chat', 'openai-responses'])

/** What an answer of another family than was named fails with: the setting is what has to change. */
export function foreignTo(side: Side, seen: FormatName | undefined): Failure | undefined {
  if (seen === undefined || seen === side.answerFormat || mayDecide(side, seen)) return undefined
  const message = `the upstream answered in ${seen}, but its response format is set to ${side.answerFormat}; set it to auto, which recognises the answer`
  return { kind: 'upstream_invalid_response', message, shouldRetry: false }
}

/** The codec that reads a whole answer. @throws ConversionError for one of another family than was named */
export function codecOfWhole(side: Side, seen: FormatName | undefined): Codec {
  const foreign = foreignTo(side, seen)
  if (foreign !== undefined) throw ConversionError.of(foreign)
  return codecOf(side, seen)
}

/** Whether an answer may go on as it came: it is in the client's format, as far as its beginning tells. */
export function mayPass({ client }: Side, upstream: Codec, seen: FormatName | undefined): boolean {
  return upstream.format === client.format && (seen === undefined || seen === client.format)
}

export function encodingFor(side: Side, upstream: Codec, upstreamModel?: string): EncodeAnswerContext {
  const { options, facts } = side
  return {
    model: options.modelEcho === 'upstream' && upstreamModel !== undefined ? upstreamModel : facts.model,
    id: side.answerId,
    newId: side.newId,
    createdSeconds: Math.floor(side.nowMs / 1000),
    nowSeconds: () => Math.floor(side.now() / 1000),
    options,
    showsReasoning: facts.showsReasoning,
    wantsStreamUsage: facts.wantsStreamUsage,
    usesLegacyFunctions: facts.usesLegacyFunctions,
    inputTokenEstimate: options.estimateInput ? facts.inputTokenEstimate : undefined,
    clientRequest: facts.repeatedMembers,
    issuer: side.issuer,
    upstreamFormat: upstream.format,
    requestId: side.requestId,
    report: (loss) => side.ledger.report('response', loss),
  }
}
