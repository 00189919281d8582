import { type RuleTestResult, runRuleTests } from '@relay/format-converter/rules'
import { defineCommand } from 'citty'

import { EXIT_CODES } from '../exit-error.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { endWith, oneLine, report } from './report.ts'
import { requireRuleFile } from './rule-file.ts'

/** `relay rules test`: runs the test cases that are kept in a file of rules. Nothing is sent. */
export const rulesTest = defineCommand({
  meta: {
    name: 'relay rules test',
    description: 'Run the test cases that are kept in a file of rules; nothing is sent',
  },
  args: {
    file: { type: 'positional', required: true, description: 'The file; JSON, comments are allowed' },
    json: commonArguments.json,
  },
  plugins: [strictArguments],
  run: ({ args }) => {
    const results = runRuleTests(requireRuleFile(args.file).rules)
    if (results.some(({ ok }) => !ok)) endWith(EXIT_CODES.failed)
    report(args, results, describeResults(results))
  },
})

/** One line for each test case, and what came instead below it. */
export function describeResults(results: readonly RuleTestResult[]): string {
  if (results.length === 0) return 'There are no test cases in this file.'
  return results
    .flatMap(({ name, ok, troubles }) => [
      `${ok ? 'passed' : 'failed'}  ${oneLine(name)}`,
      ...troubles.map((trouble) => `        ${oneLine(trouble)}`),
    ])
    .join('\n')
}
