import type { UsageRecord } from '@relay/account-store'
import { defineCommand } from 'citty'

import { commonArguments, readCount, strictArguments } from './arguments.ts'
import { formatTable, report } from './report.ts'
import { filterArguments, readFilter } from './usage-filter.ts'
import { withStore } from './with-store.ts'

/** `relay usage list`: shows single requests, newest first. */
export const usageList = defineCommand({
  meta: { name: 'relay usage list', description: 'List requests, newest first' },
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
  const { tokens, costMicroUsd } = record
  return [
    new Date(record.startedAt).toISOString().slice(0, 19),
    record.keyName,
    record.accountName ?? '–',
    record.modelServed ?? record.modelAsked ?? '–',
    String(record.status),
    record.reason,
    tokens.inputTokens === undefined ? '?' : String(tokens.inputTokens),
    tokens.outputTokens === undefined ? '?' : String(tokens.outputTokens),
    costMicroUsd === undefined ? 'unknown' : formatUsd(costMicroUsd),
    String(record.durationMs),
  ]
}

/** Micro-dollars as people read them: never 2e-7. */
export function formatUsd(microUsd: number): string {
  return `$${(microUsd / 1_000_000).toFixed(6).replace(/0{1,4}$/, '')}`
}
