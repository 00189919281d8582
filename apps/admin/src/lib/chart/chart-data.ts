/** One line, or one part of every bar. */
export interface ChartSeries {
  readonly id: string
  readonly label: string
  /** A colour of the style sheet, such as `var(--series-1)`. */
  readonly colour: string
  /** One for each bucket; `undefined` where nothing is known, which is no 0. */
  readonly values: readonly (number | undefined)[]
}

/** What a chart shows: spans of time that follow each other, and numbers for each. */
export interface ChartData {
  /** Begin of each span and, last, the end of the last one; milliseconds since the epoch. */
  readonly edges: readonly number[]
  readonly series: readonly ChartSeries[]
}

/** A span of time that was chosen on a chart. */
export interface TimeSpan {
  readonly from: number
  readonly before: number
}

/** How many spans there are. */
export function bucketCount({ edges }: ChartData): number {
  return Math.max(0, edges.length - 1)
}

/** The largest value that the axis must reach. */
export function highestValue({ series }: ChartData, isStacked: boolean): number {
  if (!isStacked) return Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)))
  const count = Math.max(0, ...series.map(({ values }) => values.length))
  return Math.max(0, ...Array.from({ length: count }, (_, index) => sumAt(series, index)))
}

function sumAt(series: readonly ChartSeries[], index: number): number {
  return series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)
}

/** One piece of a bar, as parts of the axis' length. */
export interface BarPiece {
  readonly id: string
  readonly colour: string
  readonly start: number
  readonly length: number
}

/** The pieces of a bar, the first series at the bottom. */
export function barPieces({ series }: ChartData, index: number, top: number): readonly BarPiece[] {
  let start = 0
  return series.flatMap(({ id, colour, values }) => {
    const length = (values[index] ?? 0) / top
    if (length <= 0) return []
    const piece = { id, colour, start, length }
    start += length
    return [piece]
  })
}

/** Where a pen goes for a line: `M`/`L` commands in fractions of width and height, with gaps where nothing is known. */
export function linePath(
  values: readonly (number | undefined)[],
  place: { x(index: number): number; y(value: number): number },
): string {
  let isDown = false
  const commands = values.map((value, index) => {
    if (value === undefined) {
      isDown = false
      return ''
    }
    const command = `${isDown ? 'L' : 'M'}${place.x(index).toFixed(1)} ${place.y(value).toFixed(1)}`
    isDown = true
    return command
  })
  return commands.join('')
}
