import {
  acceptedLossListSchema,
  captureContentSchema,
  captureListSchema,
  performanceSchema,
  replaySchema,
  ruleBookSchema,
  rulePlaceListSchema,
  ruleVersionSourceSchema,
  sendOutcomeSchema,
} from '@relay/server/admin-contract'
import type {
  AcceptedLossList,
  AcceptLossBody,
  CaptureContent,
  CaptureList,
  CapturingInputBody,
  ConversionPerformance,
  Replay,
  ReplayInput,
  RuleBookEntry,
  RuleInput,
  RulePlaceList,
  RuleVersionSource,
  SendInput,
  SendOutcome,
} from '@relay/server/admin-contract'

import { call } from './call.ts'

/** A model may think for a while. */
const SEND_TIMEOUT_MS = 300_000

const part = encodeURIComponent

/** Captures, conversion rules, accepted losses. */
export const conversionApi = {
  listCaptures: (signal?: AbortSignal): Promise<CaptureList> =>
    call({ path: '/captures', answer: captureListSchema, signal }),
  startCapturing: (body: CapturingInputBody): Promise<CaptureList> =>
    call({ method: 'POST', path: '/captures/capturing', body, answer: captureListSchema }),
  stopCapturing: (keyId: string): Promise<CaptureList> =>
    call({ method: 'DELETE', path: `/captures/capturing/${part(keyId)}`, answer: captureListSchema }),
  getCapture: (id: string, signal?: AbortSignal): Promise<CaptureContent> =>
    call({ path: `/captures/${part(id)}`, answer: captureContentSchema, signal }),
  removeCapture: (id: string): Promise<CaptureList> =>
    call({ method: 'DELETE', path: `/captures/${part(id)}`, answer: captureListSchema }),
  replayCapture: (id: string, body: ReplayInput): Promise<Replay> =>
    call({ method: 'POST', path: `/captures/${part(id)}/replay`, body, answer: replaySchema }),
  listRulePlaces: (signal?: AbortSignal): Promise<RulePlaceList> =>
    call({ path: '/rules', answer: rulePlaceListSchema, signal }),
  getRules: (place: string, signal?: AbortSignal): Promise<RuleBookEntry> =>
    call({ path: `/rules/${part(place)}`, answer: ruleBookSchema, signal }),
  getRuleVersion: (place: string, number: number): Promise<RuleVersionSource> =>
    call({ path: `/rules/${part(place)}/versions/${number}`, answer: ruleVersionSourceSchema }),
  saveRules: (place: string, body: RuleInput): Promise<RuleBookEntry> =>
    call({ method: 'PUT', path: `/rules/${part(place)}`, body, answer: ruleBookSchema }),
  readPerformance: (signal?: AbortSignal): Promise<ConversionPerformance> =>
    call({ path: '/conversion/performance', answer: performanceSchema, signal }),
  sendRequest: (body: SendInput): Promise<SendOutcome> =>
    call({ method: 'POST', path: '/conversion/send', body, answer: sendOutcomeSchema, timeoutMs: SEND_TIMEOUT_MS }),
  listAcceptedLosses: (signal?: AbortSignal): Promise<AcceptedLossList> =>
    call({ path: '/accepted-losses', answer: acceptedLossListSchema, signal }),
  acceptLoss: (body: AcceptLossBody): Promise<AcceptedLossList> =>
    call({ method: 'POST', path: '/accepted-losses', body, answer: acceptedLossListSchema }),
  refuseLoss: ({ accountId, code }: AcceptLossBody): Promise<AcceptedLossList> =>
    call({
      method: 'DELETE',
      path: `/accepted-losses/${part(accountId)}/${part(code)}`,
      answer: acceptedLossListSchema,
    }),
}
