import { defineCommand } from 'citty'

import { EXIT_CODES } from '../exit-error.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { endWith, oneLine, report } from './report.ts'
import { readRuleFile } from './rule-file.ts'

/** `relay rules check`: reads a file of rules and says what is wrong with it, and where. */
export const rulesCheck = defineCommand({
  meta: { name: 'relay rules check', description: 'Say what is wrong with a file of rules, and where' },
  args: {
    file: { type: 'positional', required: true, description: 'The file; JSON, comments are allowed' },
    json: commonArguments.json,
  },
  plugins: [strictArguments],
  run: ({ args }) => {
    const file = readRuleFile(args.file)
    if ('rules' in file) {
      const { ids, tests } = file.rules
      report(
        args,
        { ok: true, rules: ids, tests: tests.length },
        `${count(ids.length, 'rule')}, ${count(tests.length, 'test')}; nothing is wrong.`,
      )
      return
    }
    endWith(EXIT_CODES.failed)
    report(args, { ok: false, mistakes: file.mistakes }, file.mistakes.map(oneLine).join('\n'))
  },
})

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
