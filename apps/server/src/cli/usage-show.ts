import { setTimeout as wait } from 'node:timers/promises'

import type { AccountStore, UsageRecord } from '@relay/account-store'
import { defineCommand } from 'citty'

import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { formatTable, oneLine, report } from './report.ts'
import { formatTokens, formatUsd } from './usage-list.ts'
import { withStore } from './with-store.ts'

/** Longer than records wait to be written together. */
const ON_THE_WAY_MS = 1000

/** `relay usage show`: everything that is known of one request. */
export const usageShow = defineCommand({
  meta: { name: 'relay usage show', description: 'Show all that is known of one request: attempts, losses, its end' },
  args: {
    id: { type: 'positional', required: true, description: 'As x-relay-request-id of its answer names it' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const record = await findRecord(store, args.id.trim())
      if (record === undefined)
        throw new ExitError(EXIT_CODES.failed, 'there is no record of this request; one is written when it has ended')
      report(args, record, describeRecord(record))
    }),
})

/** The record of a request that has just ended is still on its way to the store. */
async function findRecord(store: AccountStore, id: string): Promise<UsageRecord | undefined> {
  const found = await store.getUsage(id)
  if (found !== undefined) return found
  await wait(ON_THE_WAY_MS)
  return store.getUsage(id)
}

function describeRecord(record: UsageRecord): string {
  const { attempts, losses } = record
  const parts = [describeEnd(record).map(oneLine).join('\n')]
  if (attempts.length > 0)
    parts.push(
      formatTable(
        ['ATTEMPT AT', 'STATUS', 'REASON', 'MS'],
        attempts.map(({ accountName, status, reason, ms }) => [accountName, String(status ?? '–'), reason, String(ms)]),
      ),
    )
  if (losses.length > 0)
    parts.push(
      formatTable(
        ['LEVEL', 'LOSS', 'PLACE', 'WHAT'],
        losses.map(({ level, code, path, message }) => [level, code, path, message]),
      ),
    )
  return parts.join('\n\n')
}

function describeEnd(record: UsageRecord): readonly string[] {
  const { tokens, usageSource, costMicroUsd, firstTokenMs } = record
  const team = record.team === undefined ? '' : `, team ${record.team}`
  const first = firstTokenMs === undefined ? '' : `, the first token after ${firstTokenMs} ms`
  const cost = costMicroUsd === undefined ? 'unknown' : formatUsd(costMicroUsd)
  return [
    `${record.requestId}, ${new Date(record.startedAt).toISOString()}`,
    `key ${record.keyName}, owner ${record.owner}${team}`,
    `${record.endpoint ?? 'an unknown endpoint'}, ${record.clientFormat} → ${record.upstreamFormat ?? 'nobody'}, ${record.isStream ? 'a stream' : 'whole'}`,
    `model ${[record.modelAsked, record.modelSent, record.modelServed].map((name) => name ?? '–').join(' → ')}`,
    `${record.status} ${record.reason} after ${record.durationMs} ms${first}`,
    `tokens in ${formatTokens(tokens.inputTokens, usageSource)}, out ${formatTokens(tokens.outputTokens, usageSource)} (${usageSource}), cost ${cost}`,
    ...(record.errorMessage === undefined ? [] : [record.errorMessage]),
    ...(record.upstreamRequestId === undefined ? [] : [`the upstream calls it ${record.upstreamRequestId}`]),
  ]
}
