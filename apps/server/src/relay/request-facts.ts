import type { Account, Admission, RelayKey, UsageAttempt } from '@relay/account-store'
import type { FormatName, Loss, Usage } from '@relay/format-converter'
import type { RuleFigures } from '@relay/format-converter/rules'

import type { HeldQuota } from './choose/leases.ts'
import type { ShadowedRule } from './prepare/shadow-rules.ts'

/** What is learned about a request while it lives; the record and the access log are made of it. */
export interface RequestFacts {
  key: RelayKey | undefined
  /** A limit kept it out: it is counted, and leaves no usage record. */
  isKeptOut: boolean | undefined
  /** What it holds of the limits of its key, owner and team until it is settled. */
  admission: Admission | undefined
  model: string | undefined
  isStream: boolean
  bodyBytes: number
  /** The body as it came, once it is on its way: what is kept of errors does not quote it. */
  asked: Uint8Array | undefined
  /** Ended attempts and, while one runs, that one last. */
  attempts: UsageAttempt[]
  /** The account of the latest attempt. */
  account: Account | undefined
  /** That attempt runs, or has answered, and its request has begun to go out. */
  isSent: boolean
  /** What that attempt holds against the account's daily quota. */
  quota: HeldQuota | undefined
  /** The model as it was sent to that account. */
  modelSent: string | undefined
  /** The answer's headers name the account. */
  showsAccount: boolean | undefined
  upstreamFormat: FormatName | undefined
  modelServed: string | undefined
  /** The upstream's own id of the latest attempt, as its headers name it. */
  upstreamRequestId: string | undefined
  /** Of the latest attempt's answer, what any answer to the client repeats. */
  passedHeaders: Readonly<Record<string, string>> | undefined
  /** From headers that the operator has named. */
  tags: Readonly<Record<string, string>> | undefined
  /** The upstream's id of the answer. */
  answerId: string | undefined
  usage: Usage | undefined
  /** What upstreams reported for attempts that failed before the latest one. */
  earlierUses: readonly EarlierUse[] | undefined
  losses: readonly Loss[]
  /** What rules on trial would have done at the latest attempt. */
  shadowedRules: readonly ShadowedRule[] | undefined
  /** What was left out of the request because the upstream does not take it. */
  leftOut: readonly Loss[]
  /** Milliseconds from arrival to the first meaningful output. */
  firstTokenMs: number | undefined
  /** Rough output tokens, by the characters of what was said: used only when the upstream reported no usage. */
  outputEstimate: number | undefined
  bytesOut: number
  /** Time outside of the attempts at upstreams, in milliseconds; known at the end. */
  overheadMs: number
  /** What converting took at the latest attempt. */
  conversion: ConversionFacts | undefined
}

/** What an attempt that failed has used, as its upstream reported it. */
export interface EarlierUse extends Pick<RequestFacts, 'modelSent' | 'modelServed'> {
  readonly account: Account
  readonly usage: Usage
}

/** Sums over one attempt; a stream adds to them with each read. */
export interface ConversionFacts {
  requestMs: number
  answerMs: number
  bytesIn: number
  eventsIn: number
  eventsOut: number
  /** What custom rules have done so far. */
  readonly ruleFigures: () => ReadonlyMap<string, RuleFigures>
}

/** Nothing is known yet. All members are there from the beginning: an object that grows is moved, and read more slowly. */
export function noFacts(): RequestFacts {
  return {
    key: undefined,
    isKeptOut: undefined,
    admission: undefined,
    model: undefined,
    isStream: false,
    bodyBytes: 0,
    asked: undefined,
    attempts: [],
    account: undefined,
    isSent: false,
    quota: undefined,
    modelSent: undefined,
    showsAccount: undefined,
    upstreamFormat: undefined,
    modelServed: undefined,
    upstreamRequestId: undefined,
    passedHeaders: undefined,
    tags: undefined,
    answerId: undefined,
    usage: undefined,
    earlierUses: undefined,
    losses: [],
    shadowedRules: undefined,
    leftOut: [],
    firstTokenMs: undefined,
    outputEstimate: undefined,
    bytesOut: 0,
    overheadMs: 0,
    conversion: undefined,
  }
}
