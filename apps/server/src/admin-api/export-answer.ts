import type { AdminContext } from './admin-rooms.ts'
import { csvLine } from './csv.ts'
import type { Cell } from './csv.ts'

/** A file that is written while it is read. */
export interface Exported<Row> {
  /** Without its ending. */
  readonly name: string
  readonly format: 'csv' | 'json'
  readonly columns: readonly string[]
  readonly cellsOf: (row: Row) => readonly Cell[]
  /** In pieces, so that neither side holds all of it. */
  readonly pages: AsyncIterable<readonly Row[]>
}

/** Answers with a download: CSV with a header line, or a JSON list of whole objects. */
export function sendExport<Row>(context: AdminContext, exported: Exported<Row>): Response {
  const { name, format } = exported
  const encoder = new TextEncoder()
  const texts = format === 'csv' ? writeCsv(exported) : writeJson(exported.pages)
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await texts.next()
      if (next.done === true) controller.close()
      else controller.enqueue(encoder.encode(next.value))
    },
    async cancel() {
      await texts.return(undefined)
    },
  })
  return context.body(body, 200, {
    'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
    'Content-Disposition': `attachment; filename="${name}.${format}"`,
  })
}

async function* writeCsv<Row>({ columns, cellsOf, pages }: Exported<Row>): AsyncGenerator<string, void> {
  yield csvLine(columns)
  for await (const rows of pages) yield rows.map((row) => csvLine(cellsOf(row))).join('')
}

async function* writeJson(pages: AsyncIterable<readonly unknown[]>): AsyncGenerator<string, void> {
  let isFirst = true
  yield '['
  for await (const rows of pages) {
    yield rows.map((row, index) => `${isFirst && index === 0 ? '' : ','}\n${JSON.stringify(row)}`).join('')
    if (rows.length > 0) isFirst = false
  }
  yield '\n]\n'
}
