import type { CaptureEntry, UsageLoss, UsageRecord } from '@relay/account-store'

import { isOtherModel } from '../relay/answer/answering-model.ts'
import type { LossLevel, RequestDetail, RequestLoss, RequestSummary } from './contract/index.ts'

const LEVELS: readonly LossLevel[] = ['info', 'repaired', 'degraded', 'lossy']

/** One line of the list: everything but what only the detail shows. */
export function summariseRequest(record: UsageRecord): RequestSummary {
  return {
    requestId: record.requestId,
    startedAt: record.startedAt,
    keyId: record.keyId,
    keyName: record.keyName,
    accountId: record.accountId,
    accountName: record.accountName,
    modelAsked: record.modelAsked,
    modelServed: record.modelServed,
    isOtherModel: record.modelSent !== undefined && isOtherModel(record.modelSent, record.modelServed),
    endpoint: record.endpoint,
    clientFormat: record.clientFormat,
    upstreamFormat: record.upstreamFormat,
    isStream: record.isStream,
    tokens: record.tokens,
    usageSource: record.usageSource,
    costMicroUsd: record.costMicroUsd,
    costSource: record.costSource,
    status: record.status,
    reason: record.reason,
    firstTokenMs: record.firstTokenMs,
    durationMs: record.durationMs,
    lossCount: record.losses.length,
    worstLossLevel: findWorstLevel(record.losses),
    attemptCount: record.attempts.length,
    isDemo: record.isDemo,
  }
}

/** All that is known of one request. */
export function describeRequest(
  record: UsageRecord,
  capture: Pick<CaptureEntry, 'expiresAt'> | undefined,
): RequestDetail {
  return {
    ...summariseRequest(record),
    owner: record.owner,
    team: record.team,
    sessionId: record.sessionId,
    client: record.client,
    errorMessage: record.errorMessage,
    modelSent: record.modelSent,
    serviceTier: record.serviceTier,
    tags: { ...record.tags },
    upstreamRequestId: record.upstreamRequestId,
    isCaptured: capture !== undefined,
    capturedUntil: capture?.expiresAt,
    attempts: [...record.attempts],
    losses: record.losses.map(describeLoss),
  }
}

function describeLoss({ detail, ...loss }: UsageLoss): RequestLoss {
  return detail === undefined ? loss : { ...loss, detail: { ...detail } }
}

function findWorstLevel(losses: readonly UsageLoss[]): LossLevel | undefined {
  return LEVELS.findLast((level) => losses.some((loss) => loss.level === level && loss.isAccepted !== true))
}
