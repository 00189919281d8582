import type { FormatName } from '@relay/format-converter'
import fidelity from '@relay/format-converter/fidelity.json'

/** What became of a field. */
export type Outcome = 'kept' | 'equivalent' | 'degraded' | 'lost' | 'refused'

/** What was measured of a field on its way to one format. */
export interface Measured {
  readonly outcome: Outcome
  /** Code of the loss. */
  readonly code?: string
}

/** One field, and what becomes of it in every other format. */
export interface MatrixRow {
  readonly field: string
  readonly to: readonly { readonly format: FormatName; readonly measured: Measured | undefined }[]
}

/** What is looked at. */
export type MatrixKind = 'requests' | 'answers' | 'streams'

interface WrittenRow {
  readonly field: string
  readonly to: Readonly<Record<string, Measured | { readonly whole?: Measured; readonly stream?: Measured }>>
}

/** The measured fields of a format, from the file that the converter's tests write. */
export function matrixRows(from: FormatName, kind: MatrixKind, formats: readonly FormatName[]): readonly MatrixRow[] {
  const written = fidelity as unknown as Readonly<Record<string, Readonly<Record<string, readonly WrittenRow[]>>>> // its own package writes it
  const rows = written[kind === 'requests' ? 'requests' : 'answers']?.[from] ?? []
  const others = formats.filter((format) => format !== from)
  return rows.map(({ field, to }) => ({
    field,
    to: others.map((format) => ({ format, measured: pick(to[format], kind) })),
  }))
}

function pick(cell: WrittenRow['to'][string] | undefined, kind: MatrixKind): Measured | undefined {
  if (cell === undefined || 'outcome' in cell) return cell
  return kind === 'streams' ? cell.stream : cell.whole
}
