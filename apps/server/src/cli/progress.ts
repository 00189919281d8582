import type { ReportStyle } from './report.ts'

/** How often a terminal is told how far work is. */
const EVERY_MS = 1000

/**
 * Tells people on standard error how far long work is, at most once a second; programs hear nothing.
 *
 * @param describe - made into one line, e.g. `12,000 rows`
 */
export function createProgress(style: ReportStyle, describe: (count: number) => string): (count: number) => void {
  let last = performance.now()
  return (count) => {
    if (style.json || performance.now() - last < EVERY_MS) return
    last = performance.now()
    process.stderr.write(`${describe(count)} …\n`)
  }
}
