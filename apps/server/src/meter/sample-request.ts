import type { RequestSample } from '../observe/metrics.ts'
import type { LiveRequest, RequestEnd } from '../relay/live-request.ts'

/** A finished request as the metrics see it. */
export function sampleRequest(live: LiveRequest, end: RequestEnd): RequestSample {
  const { facts } = live
  const { attempts, conversion, losses } = facts
  return {
    client: live.format,
    upstream: facts.upstreamFormat ?? 'none',
    isStream: facts.isStream,
    reason: end.reason,
    status: end.status,
    durationMs: live.elapsedMs(),
    firstTokenMs: facts.firstTokenMs,
    overheadMs: facts.overheadMs,
    failovers: attempts.slice(0, -1).map(({ reason, accountName }) => ({ reason, account: accountName })),
    conversion: conversion && { ...conversion, rules: conversion.ruleFigures(), bytesOut: facts.bytesOut, losses },
  }
}
