import { isErrand, tellServer } from './errand.ts'
import type { ReportStyle } from './report.ts'

/** How often a terminal is told how far work is. */
const EVERY_MS = 1000

/**
 * Tells people on standard error how far long work is, at most once a second; programs hear nothing, but
 * the server that has sent this process does.
 *
 * @param describe - made into one line, e.g. `12,000 rows`
 */
export function createProgress(style: ReportStyle, describe: (count: number) => string): (count: number) => void {
  let last = performance.now()
  return (count) => {
    const isForServer = isErrand()
    if ((style.json && !isForServer) || performance.now() - last < EVERY_MS) return
    last = performance.now()
    if (isForServer) void tellServer({ type: 'relay:progress', count })
    else process.stderr.write(`${describe(count)} …\n`)
  }
}
