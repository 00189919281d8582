import { userInfo } from 'node:os'

import type { AcceptedLoss, Account } from '@relay/account-store'
import { LOSS_CODES } from '@relay/format-converter'
import { defineCommand } from 'citty'

import { closestName } from '../config/closest-name.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { report } from './report.ts'
import { usageError } from './usage-error.ts'
import { accountView, requireAccount } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay account accept-loss`: a standing loss of an account that is recorded, and neither shown nor refused any more. */
export const accountAcceptLoss = defineCommand({
  meta: {
    name: 'relay account accept-loss',
    description: 'Accept a standing loss of an account: it is recorded, and neither shown nor refused any more',
  },
  args: {
    name: { type: 'positional', required: true, description: 'Name or id of the account' },
    code: { type: 'positional', required: true, description: 'Code of the loss, e.g. cache_mark_dropped' },
    remove: { type: 'boolean', default: false, description: 'Take the acceptance back' },
    by: { type: 'string', valueHint: 'name', description: 'Who accepts it; the user of this machine unless given' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      requireCode(args.code)
      const account = await requireAccount(store, args.name)
      const others = account.acceptedLosses.filter(({ code }) => code !== args.code)
      const accepted: AcceptedLoss = { code: args.code, by: args.by ?? userInfo().username, at: Date.now() }
      const changed = await store.updateAccount(account.id, {
        acceptedLosses: args.remove ? others : [...others, accepted],
      })
      report(args, accountView(changed), describe(changed, args))
    }),
})

/** @throws UsageError for a word that is no code */
function requireCode(code: string): void {
  if (LOSS_CODES.some((known) => known === code)) return
  const meant = closestName(code, LOSS_CODES)
  const hint =
    meant === undefined ? 'losses are listed with their codes in the log of requests' : `did you mean ${meant}?`
  throw usageError(`${JSON.stringify(code.slice(0, 60))} is no code of a loss; ${hint}`)
}

function describe({ name, acceptedLosses }: Account, { code, remove }: { code: string; remove: boolean }): string {
  const done = remove ? `${code} counts again for` : `${code} is accepted for`
  const all = acceptedLosses.map((loss) => `  ${loss.code}, by ${loss.by} at ${new Date(loss.at).toISOString()}`)
  return [`${done} the account "${name}".`, ...(all.length === 0 ? [] : ['Accepted now:', ...all])].join('\n')
}
