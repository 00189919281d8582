import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { benchConverter } from './convert.bench.ts'
import { toJson, toMarkdown } from './measure/report.ts'
import { loadPeers } from './peers/load-peers.ts'
import { benchRelay } from './relay.bench.ts'

/**
 * Runs the benchmarks and prints their table.
 *
 *     pnpm bench [convert|relay] [--goal N] [--json FILE] [--no-peers]
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: { goal: { type: 'string' }, json: { type: 'string' }, peers: { type: 'boolean', default: true } },
})
const part = positionals[0]
const onlyGoal = values.goal === undefined ? undefined : Number(values.goal)

const benchesConverter = part !== 'relay' && (onlyGoal ?? 9) === 9
const results = [
  ...(benchesConverter ? await benchConverter(values.peers ? loadPeers() : []) : []),
  ...(part === 'convert' ? [] : await benchRelay(onlyGoal)),
]
process.stdout.write(toMarkdown(results))
// pnpm runs scripts in their package; a path is meant from where the command was given.
if (values.json !== undefined) writeFileSync(resolve(process.env['INIT_CWD'] ?? '.', values.json), toJson(results))
