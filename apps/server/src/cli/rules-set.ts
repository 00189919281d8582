import { runRuleTests } from '@relay/format-converter/rules'
import { defineCommand } from 'citty'

import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { RULE_SETTINGS } from '../relay/prepare/rule-book.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { report } from './report.ts'
import { requireRuleFile } from './rule-file.ts'
import { findPlace, nameOfPlace, placeArguments } from './rule-place.ts'
import { describeResults } from './rules-test.ts'
import { withStore } from './with-store.ts'

/** `relay rules set`: takes the rules of a file into use, once they and their tests are right. */
export const rulesSet = defineCommand({
  meta: { name: 'relay rules set', description: 'Use the rules of a file, in place of those that were there' },
  args: {
    file: { type: 'positional', required: true, description: 'The file; JSON, comments are allowed' },
    ...placeArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) => {
    const { source, rules } = requireRuleFile(args.file)
    const failed = runRuleTests(rules).filter(({ ok }) => !ok)
    if (failed.length > 0) {
      throw new ExitError(EXIT_CODES.failed, `nothing was changed: tests of the rules fail\n${describeResults(failed)}`)
    }
    return withStore(args, async (rooms) => {
      const account = await findPlace(args, rooms)
      if (account === undefined) await rooms.store.writeSetting(RULE_SETTINGS.operator, JSON.stringify(source))
      else await rooms.store.updateAccount(account.id, { rules: source })
      report(
        args,
        { account: account?.name ?? null, rules: rules.ids },
        `These rules are in use for ${nameOfPlace(account)}, on every node within a second: ${rules.ids.join(', ') || 'none'}.`,
      )
    })
  },
})
