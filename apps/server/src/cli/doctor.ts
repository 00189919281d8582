import { defineCommand } from 'citty'

import { EXIT_CODES } from '../exit-error.ts'
import { commonArguments, environmentOf, strictArguments } from './arguments.ts'
import type { Finding } from './doctor-checks.ts'
import { examine } from './doctor-checks.ts'
import { endWith, formatTable, report } from './report.ts'

/** `relay doctor`: looks at everything a start needs and changes nothing but what opening the store changes. */
export const doctor = defineCommand({
  meta: { name: 'relay doctor', description: 'Check everything a start needs' },
  args: {
    config: { type: 'string', valueHint: 'file', description: 'Configuration file, instead of RELAY_CONFIG' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const findings = await examine(environmentOf(args), args.config)
    const isGood = findings.every(({ level }) => level !== 'fail')
    if (!isGood) endWith(EXIT_CODES.failed)
    report(args, { isGood, findings }, formatTable(['', 'CHECK', 'FINDING'], findings.map(toRow)))
  },
})

function toRow({ level, check, message }: Finding): readonly string[] {
  return [level, check, message]
}
