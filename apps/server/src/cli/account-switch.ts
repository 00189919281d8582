import type { AccountChange } from '@relay/account-store'
import { defineCommand } from 'citty'

import { commonArguments, strictArguments } from './arguments.ts'
import { report } from './report.ts'
import { accountView, requireAccount } from './views.ts'
import { withStore } from './with-store.ts'

const nameArgument = { type: 'positional', required: true, description: 'Its name or id' } as const

/** `relay account pause`: routes nothing to an account; what runs there goes on. */
export const accountPause = changeCommand('pause', {
  description: 'Route nothing to an account until it is resumed',
  change: { schedulable: false },
})

/** `relay account resume`: routes to a paused account again. */
export const accountResume = changeCommand('resume', {
  description: 'Route to a paused account again',
  change: { schedulable: true },
})

/** `relay account clear-cooldown`: an account that is out is tried again. */
export const accountClearCooldown = defineCommand({
  meta: {
    name: 'relay account clear-cooldown',
    description: 'Forget cooldowns, errors and refused parameters of an account: it is tried again',
  },
  args: { name: nameArgument, ...commonArguments },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const { id, name } = await requireAccount(store, args.name)
      await store.clearAccountState(id)
      report(args, { id, name, cleared: true }, `The account "${name}" is tried again.`)
    }),
})

/** `relay account show`: everything about an account but its secrets. */
export const accountShow = defineCommand({
  meta: { name: 'relay account show', description: 'Show an account and how it is; never its secrets' },
  args: { name: nameArgument, ...commonArguments },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const account = await requireAccount(store, args.name)
      const view = {
        ...accountView(account),
        profile: account.profile,
        timeouts: account.timeouts,
        state: account.state,
      }
      report(args, view, JSON.stringify(view, undefined, 2))
    }),
})

interface Change {
  readonly description: string
  readonly change: AccountChange
}

function changeCommand(word: 'pause' | 'resume', { description, change }: Change) {
  return defineCommand({
    meta: { name: `relay account ${word}`, description },
    args: { name: nameArgument, ...commonArguments },
    plugins: [strictArguments],
    run: ({ args }) =>
      withStore(args, async ({ store }) => {
        const { id } = await requireAccount(store, args.name)
        const account = await store.updateAccount(id, change)
        report(args, accountView(account), `The account "${account.name}" is ${word}d.`)
      }),
  })
}
