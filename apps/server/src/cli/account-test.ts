import type { AccountTestReport } from '@relay/upstreams'
import { defineCommand } from 'citty'

import { TEST_STEPS, testStoredAccount } from '../diagnose/test-stored-account.ts'
import { EXIT_CODES } from '../exit-error.ts'
import { requireModel, withAccountTarget } from './account-target.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { describeStep } from './describe-step.ts'
import { endWith, note, oneLine, report } from './report.ts'
import { requireAccount } from './views.ts'
import { withStore } from './with-store.ts'

const TITLES: Readonly<Record<(typeof TEST_STEPS)[number], string>> = {
  reach: 'reach',
  auth: 'credential',
  modelFound: 'model',
  whole: 'whole answer',
  stream: 'streamed answer',
  tools: 'tool call',
}

/** `relay account test`: sends three small real requests through the account's own credential. */
export const accountTest = defineCommand({
  meta: { name: 'relay account test', description: 'Send three small requests to an account; costs a few tokens' },
  args: {
    name: { type: 'positional', required: true, description: 'Its name or id' },
    model: {
      type: 'string',
      valueHint: 'name',
      description: 'Model as the upstream calls it; else one of the model map',
    },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async (rooms) => {
      const account = await requireAccount(rooms.store, args.name)
      const model = requireModel(account, args.model)
      note(args, `Testing "${oneLine(account.name)}" with the model ${oneLine(model)} …`)
      const { isGood, report: result } = await withAccountTarget(rooms, account, (target) =>
        testStoredAccount(target.rooms, { account: target.account, model }),
      )
      if (!isGood) endWith(EXIT_CODES.failed)
      report(args, { account: account.name, isGood, ...result }, describeTest(result))
    }),
})

/** The steps of a test, a line each. */
export function describeTest(result: AccountTestReport): string {
  const lines = TEST_STEPS.map((step) => describeStep(TITLES[step], result[step]))
  return [`${result.apiFormat} at ${result.url}`, ...lines].join('\n')
}
