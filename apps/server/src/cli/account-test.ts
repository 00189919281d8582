import type { Account } from '@relay/account-store'
import type { AccountTestReport, AccountTestStep } from '@relay/upstreams'
import { createNetworkGuard, createSender, exactModelNames, resolveModel, testAccount } from '@relay/upstreams'
import { startDemoUpstream } from '@relay/upstreams/demo'
import { defineCommand } from 'citty'

import type { Config } from '../config/config.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { endWith, note, oneLine, report } from './report.ts'
import { usageError } from './usage-error.ts'
import { requireAccount } from './views.ts'
import type { StoreRooms } from './with-store.ts'
import { withStore } from './with-store.ts'

const STEPS = ['reach', 'auth', 'modelFound', 'whole', 'stream', 'tools'] as const
const TITLES: Readonly<Record<(typeof STEPS)[number], string>> = {
  reach: 'reach',
  auth: 'credential',
  modelFound: 'model',
  whole: 'whole answer',
  stream: 'streamed answer',
  tools: 'tool call',
}
/** Without these an account serves nobody; a model that calls no tool may still be what one wants. */
const NEEDED = ['reach', 'auth', 'modelFound', 'whole', 'stream'] as const

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
      const model = args.model ?? modelOf(account)
      note(args, `Testing "${oneLine(account.name)}" with the model ${oneLine(model)} …`)
      const result = await runTest(rooms, account, model)
      const isGood = NEEDED.every((step) => result[step].outcome === 'passed')
      if (isGood) await rooms.store.clearAccountState(account.id)
      else endWith(EXIT_CODES.failed)
      report(args, { account: account.name, isGood, ...result }, describe(result))
    }),
})

/** The first name that clients can ask this account for, as it is sent. */
function modelOf(account: Account): string {
  const asked = exactModelNames(account.models)[0]
  const sent = asked === undefined ? undefined : resolveModel(account.models, asked)
  if (sent !== undefined) return sent
  throw usageError(`the account "${account.name}" names no model; say which one with --model`)
}

async function runTest({ config, store }: StoreRooms, account: Account, model: string): Promise<AccountTestReport> {
  const opened = await store.openCredential(account.id)
  if (opened.type === 'unreadable') {
    throw new ExitError(EXIT_CODES.failed, `the credential of "${account.name}" cannot be opened; enter it again`)
  }
  const credential = opened.type === 'opened' ? opened.credential : undefined
  const sender = createSender({ guard: guardOf(config) })
  // The demo's upstream lives in the server's process; here it needs one of its own.
  const demo = account.isDemo ? await startDemoUpstream({ chunkDelayMs: 0 }) : undefined
  try {
    const target = demo === undefined ? account : { ...account, baseUrl: demo.url, formatBaseUrls: {} }
    return await testAccount({ sender, account: target, credential, model })
  } finally {
    await sender.close()
    await demo?.close()
  }
}

function guardOf({ allowPrivate, isProduction }: Config): ReturnType<typeof createNetworkGuard> {
  return createNetworkGuard({ allow: allowPrivate, allowLoopback: !isProduction })
}

function describe(result: AccountTestReport): string {
  const lines = STEPS.map((step) => describeStep(TITLES[step], result[step]))
  return [`${result.apiFormat} at ${result.url}`, ...lines].join('\n')
}

function describeStep(title: string, { outcome, latencyMs, message }: AccountTestStep): string {
  const time = latencyMs === undefined ? '' : `${latencyMs} ms`
  return `  ${outcome.padEnd(8)}${title.padEnd(17)}${time.padEnd(10)}${oneLine(message)}`.trimEnd()
}
