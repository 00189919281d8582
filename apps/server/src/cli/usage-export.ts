import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { UsageRecord } from '@relay/account-store'
import { defineCommand } from 'citty'

import { csvLine } from '../admin-api/csv.ts'
import { readPages, REQUEST_COLUMNS } from '../admin-api/request-export.ts'
import { amount } from './amount.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { createProgress } from './progress.ts'
import { report } from './report.ts'
import { filterArguments, readFilter } from './usage-filter.ts'
import { withStore } from './with-store.ts'

/** `relay usage export`: writes requests as CSV or as JSON lines, page by page. */
export const usageExport = defineCommand({
  meta: { name: 'relay usage export', description: 'Write requests into a file, as CSV or as one JSON object a line' },
  args: {
    format: { type: 'enum', options: ['csv', 'json'], default: 'csv', description: 'csv unless given' },
    output: { type: 'string', valueHint: 'file', description: 'File to write; standard output unless given' },
    ...filterArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const filter = await readFilter(store, args)
      const count = { records: 0 }
      const progress = createProgress(args, (records) => amount(records, 'request'))
      const pages = counted(readPages(store, filter), (records) => {
        count.records += records
        progress(count.records)
      })
      const lines = Readable.from(args.format === 'csv' ? csvLines(pages) : jsonLines(pages))
      if (args.output === undefined) {
        await writeOut(lines)
        return
      }
      const path = resolve(args.output)
      await pipeline(lines, createWriteStream(path, { mode: 0o600 }))
      report(args, { path, ...count }, `${amount(count.records, 'request was', 'requests were')} written to ${path}.`)
    }),
})

/** Whoever read it may have seen enough: `relay usage export | head`. */
async function writeOut(lines: Readable): Promise<void> {
  try {
    await pipeline(lines, process.stdout, { end: false })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error
  }
}

async function* counted(
  pages: AsyncIterable<readonly UsageRecord[]>,
  onPage: (records: number) => void,
): AsyncGenerator<readonly UsageRecord[], void> {
  for await (const records of pages) {
    yield records
    onPage(records.length)
  }
}

async function* csvLines(pages: AsyncIterable<readonly UsageRecord[]>): AsyncGenerator<string, void> {
  yield csvLine(REQUEST_COLUMNS.map(([name]) => name))
  for await (const records of pages) {
    yield records.map((record) => csvLine(REQUEST_COLUMNS.map(([, cell]) => cell(record)))).join('')
  }
}

async function* jsonLines(pages: AsyncIterable<readonly UsageRecord[]>): AsyncGenerator<string, void> {
  for await (const records of pages) yield records.map((record) => `${JSON.stringify(record)}\n`).join('')
}
