import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { benchConverter } from './convert.bench.ts'
import { toJson, toMarkdown } from './measure/report.ts'
import { loadPeers } from './peers/load-peers.ts'
import { benchRelay } from './relay.bench.ts'
import { runGrowthScenario, USUAL_SIZE } from './relay/growth-scenario.ts'
import { runSoakScenario } from './relay/soak-scenario.ts'

/**
 * Runs the benchmarks and prints their table.
 *
 *     pnpm bench [convert|relay|growth|soak] [--goal N] [--json FILE] [--no-peers] [--accounts N] [--keys N] [--records N]
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    goal: { type: 'string' },
    json: { type: 'string' },
    peers: { type: 'boolean', default: true },
    // Of the store that has grown.
    accounts: { type: 'string' },
    keys: { type: 'string' },
    records: { type: 'string' },
  },
})
const part = positionals[0]
const onlyGoal = values.goal === undefined ? undefined : Number(values.goal)

const size = {
  accounts: Number(values.accounts ?? USUAL_SIZE.accounts),
  keys: Number(values.keys ?? USUAL_SIZE.keys),
  records: Number(values.records ?? USUAL_SIZE.records),
}

const benchesConverter = (part ?? 'convert') === 'convert' && (onlyGoal ?? 9) === 9
const results = [
  ...(benchesConverter ? await benchConverter(values.peers ? loadPeers() : []) : []),
  ...((part ?? 'relay') === 'relay' ? await benchRelay(onlyGoal) : []),
  ...(part === 'soak' ? await runSoakScenario() : []),
  ...((part ?? 'growth') === 'growth' && (onlyGoal ?? 10) === 10 ? await runGrowthScenario(size) : []),
]
process.stdout.write(toMarkdown(results))
// pnpm runs scripts in their package; a path is meant from where the command was given.
if (values.json !== undefined) writeFileSync(resolve(process.env['INIT_CWD'] ?? '.', values.json), toJson(results))
