import type { ProbeName } from '@relay/upstreams'
import { defineCommand } from 'citty'

import { applyProbe } from '../diagnose/apply-probe.ts'
import { probeStoredAccount, type StoredAccountProbe } from '../diagnose/probe-stored-account.ts'
import { EXIT_CODES } from '../exit-error.ts'
import { requireModel, withAccountTarget } from './account-target.ts'
import { describeTest } from './account-test.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { describeStep } from './describe-step.ts'
import { endWith, note, oneLine, report } from './report.ts'
import { requireAccount } from './views.ts'
import { withStore } from './with-store.ts'

const TITLES: Readonly<Record<ProbeName, string>> = {
  'stream-usage': 'usage in the stream',
  images: 'images',
  'parallel-tools': 'parallel tool calls',
  'system-inside': 'instructions inside',
  'developer-role': 'developer role',
  'max-tokens': 'max_tokens',
  'max-completion-tokens': 'max_completion_tokens',
  'count-tokens': 'count of tokens',
}

/** `relay account probe`: finds out an upstream's dialect, and shows what that would change. */
export const accountProbe = defineCommand({
  meta: {
    name: 'relay account probe',
    description: 'Find out what an upstream speaks and accepts; about fifteen small requests',
  },
  args: {
    name: { type: 'positional', required: true, description: 'Its name or id' },
    model: {
      type: 'string',
      valueHint: 'name',
      description: 'Model as the upstream calls it; else one of the model map',
    },
    apply: { type: 'boolean', default: false, description: 'Write what was found into the account' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async (rooms) => {
      const account = await requireAccount(rooms.store, args.name)
      const model = requireModel(account, args.model)
      note(args, `Probing "${oneLine(account.name)}" with the model ${oneLine(model)} …`)
      const probe = await withAccountTarget(rooms, account, (target) =>
        probeStoredAccount(target.rooms, { account: target.account, model }),
      )
      if (probe.report.test.whole.outcome !== 'passed') endWith(EXIT_CODES.failed)
      const isApplied = args.apply && probe.changes.length > 0
      if (isApplied) await applyProbe(rooms.store, account, probe.changes)
      const result = { account: account.name, isApplied, ...probe }
      report(args, result, [describeProbe(probe), describeChanges(probe, isApplied)].join('\n'))
    }),
})

function describeProbe({ report: found }: StoredAccountProbe): string {
  const steps = found.steps.map((step) => describeStep(TITLES[step.name], step))
  const formats = found.formats.map((format) =>
    describeStep(format.apiFormat, {
      ...format,
      message: format.outcome === 'passed' ? `at ${format.baseUrl}` : format.message,
    }),
  )
  const heading = formats.length === 0 ? [] : ['Formats of this host']
  return [describeTest(found.test), ...steps, ...heading, ...formats].join('\n')
}

function describeChanges({ report: { steps }, changes }: StoredAccountProbe, isApplied: boolean): string {
  if (steps.length === 0 && changes.length === 0) return 'Nothing was found out: the test failed.'
  if (changes.length === 0) return 'The settings of the account fit what was found.'
  const lines = changes.map(
    ({ path, before, after }) => `  ${path}: ${oneLine(String(before ?? '(none)'))} → ${oneLine(String(after))}`,
  )
  const title = isApplied ? 'Written into the account' : 'What was found and is not set (write it with --apply)'
  return [title, ...lines].join('\n')
}
