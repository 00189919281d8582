import type { AccountTestStep } from '@relay/upstreams'

import { oneLine } from './report.ts'

/** One step of a test or probe on a line: outcome, title, time, what it means. */
export function describeStep(title: string, { outcome, latencyMs, message }: AccountTestStep): string {
  const time = latencyMs === undefined ? '' : `${latencyMs} ms`
  return `  ${outcome.padEnd(8)}${title.padEnd(22)}${time.padEnd(10)}${oneLine(message)}`.trimEnd()
}
