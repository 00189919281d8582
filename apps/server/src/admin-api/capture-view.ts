import type { AccountStore, CaptureEntry } from '@relay/account-store'

import type { CapturedExchange } from '../capture/captured-exchange.ts'
import type { CaptureContent, CaptureList, CaptureSummary } from './contract/index.ts'

/** Whose requests are captured now, and what has been, with the names that people know. */
export async function listCaptures(store: AccountStore): Promise<CaptureList> {
  const [capturing, captures, keys] = await Promise.all([
    store.listCapturing(),
    store.listCaptures(),
    store.listRelayKeys({ includeRevoked: true }),
  ])
  const names = new Map(keys.map(({ id, name }) => [id, name]))
  const nameOf = (keyId: string): string => names.get(keyId) ?? keyId
  return {
    capturing: capturing.map((entry) => ({ ...entry, keyName: nameOf(entry.keyId) })),
    captures: await Promise.all(captures.map(async (entry) => summarise(store, entry, nameOf(entry.keyId)))),
  }
}

async function summarise(store: AccountStore, entry: CaptureEntry, keyName: string): Promise<CaptureSummary> {
  const record = await store.getUsage(entry.requestId)
  return {
    ...entry,
    keyName,
    accountName: record?.accountName,
    modelAsked: record?.modelAsked,
    clientFormat: record?.clientFormat,
    upstreamFormat: record?.upstreamFormat,
    status: record?.status,
    lossCount: record?.losses.length,
  }
}

/** What was captured, as text and as bytes. */
export function describeCapture({ profile: _profile, ...exchange }: CapturedExchange): CaptureContent {
  return {
    ...exchange,
    clientHeaders: { ...exchange.clientHeaders },
    request: textOf(exchange.request),
    sent: textOf(exchange.sent),
    answer: textOf(exchange.answer),
    answerBytes: Buffer.from(exchange.answer).toString('base64'),
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
