import type { UsageRecord, UsageSource } from '@relay/account-store'
import { defineCommand } from 'citty'

import { commonArguments, readCount, strictArguments } from './arguments.ts'
import { formatTable, report } from './report.ts'
import { filterArguments, readFilter } from './usage-filter.ts'
import { withStore } from './with-store.ts'

/** `relay usage list`: shows single requests, newest first. */
export const usageList = defineCommand({
  meta: { name: 'relay usage list', description: 'List requests, newest first; ≈ marks what was estimated' },
  args: {
    limit: { type: 'string', valueHint: 'number', description: 'At most so many, 1 to 500; 50 unless given' },
    cursor: { type: 'string', valueHint: 'text', description: 'Go on where the list before has ended' },
    ...filterArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const filter = await readFilter(store, args)
      const page = await store.listUsage({ ...filter, limit: readCount('limit', args.limit), cursor: args.cursor })
      const more = page.nextCursor === undefined ? '' : `\nOlder ones: --cursor ${page.nextCursor}`
      const text =
        page.records.length === 0 ? 'There is no such request.' : formatTable(HEADINGS, page.records.map(toRow))
      report(args, page, text + more)
    }),
})

const HEADINGS = ['TIME', 'KEY', 'ACCOUNT', 'MODEL', 'STATUS', 'REASON', 'IN', 'OUT', 'COST', 'MS']

function toRow(record: UsageRecord): readonly string[] {
  const { tokens, usageSource, costMicroUsd } = record
  return [
    new Date(record.startedAt).toISOString().slice(0, 19),
    record.keyName,
    record.accountName ?? '–',
    record.modelServed ?? record.modelAsked ?? '–',
    String(record.status),
    record.reason,
    formatTokens(tokens.inputTokens, usageSource),
    formatTokens(tokens.outputTokens, usageSource),
    costMicroUsd === undefined ? 'unknown' : formatUsd(costMicroUsd),
    String(record.durationMs),
  ]
}

/** A count that no upstream has told is marked. */
export function formatTokens(count: number | undefined, source: UsageSource): string {
  if (count === undefined) return '?'
  return source === 'estimated' ? `≈${count}` : String(count)
}

/** Micro-dollars as people read them: never 2e-7. */
export function formatUsd(microUsd: number): string {
  return `$${(microUsd / 1_000_000).toFixed(6).replace(/0{1,4}$/, '')}`
}
