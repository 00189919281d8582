import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { benchConverter } from './convert.bench.ts'
import { toJson, toMarkdown } from './measure/report.ts'
import { benchRelay } from './relay.bench.ts'

/**
 * Runs the benchmarks and prints their table.
 *
 *     pnpm bench [convert|relay] [--goal N] [--json FILE]
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { goal: { type: 'string' }, json: { type: 'string' } },
})
const part = positionals[0]
const onlyGoal = values.goal === undefined ? undefined : Number(values.goal)

const results = [
  ...(part === 'relay' ? [] : await benchConverter(onlyGoal)),
  ...(part === 'convert' ? [] : await benchRelay(onlyGoal)),
]
process.stdout.write(toMarkdown(results))
if (values.json !== undefined) writeFileSync(values.json, toJson(results))
