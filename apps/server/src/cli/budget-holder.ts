import type { BudgetHolder, BudgetHolderKind } from '@relay/account-store'
import { defineCommand } from 'citty'

import { commonArguments, strictArguments } from './arguments.ts'
import { limitArguments, readLimits } from './key-options.ts'
import { formatTable, report } from './report.ts'
import { requireChange } from './require-change.ts'
import { withStore } from './with-store.ts'

const HEADINGS = ['NAME', 'AT ONCE', 'WINDOWS', 'USD A DAY', 'WEEK', 'MONTH', 'TOTAL', 'ZONE']

/** `relay owner`: limits over all keys of an owner. */
export const owner = holderCommands('owner')

/** `relay team`: limits over all keys of a team. */
export const team = holderCommands('team')

function holderCommands(kind: BudgetHolderKind) {
  return defineCommand({
    meta: {
      name: `relay ${kind}`,
      description: `Limits over all keys of a${kind === 'owner' ? 'n' : ''} ${kind} together`,
    },
    subCommands: { set: setCommand(kind), list: listCommand(kind), remove: removeCommand(kind) },
  })
}

function setCommand(kind: BudgetHolderKind) {
  return defineCommand({
    meta: { name: `relay ${kind} set`, description: 'Set limits; what is not given stays' },
    args: {
      name: { type: 'positional', required: true, description: 'As keys name it' },
      note: { type: 'string', valueHint: 'text', description: 'A note' },
      ...limitArguments,
      ...commonArguments,
    },
    plugins: [strictArguments],
    run: ({ args }) => {
      const limits = readLimits(args)
      requireChange({ note: args.note, ...limits }, `relay ${kind} set`)
      return withStore(args, async ({ store }) => {
        const holder = await store.setBudgetHolder({ kind, name: args.name, note: args.note, ...limits })
        report(args, holder, `The limits of the ${kind} "${holder.name}" hold on every node within a second.`)
      })
    },
  })
}

function listCommand(kind: BudgetHolderKind) {
  return defineCommand({
    meta: { name: `relay ${kind} list`, description: 'List those that have limits' },
    args: commonArguments,
    plugins: [strictArguments],
    run: ({ args }) =>
      withStore(args, async ({ store }) => {
        const holders = (await store.listBudgetHolders()).filter((holder) => holder.kind === kind)
        const text = holders.length === 0 ? `No ${kind} has limits.` : formatTable(HEADINGS, holders.map(toRow))
        report(args, holders, text)
      }),
  })
}

function removeCommand(kind: BudgetHolderKind) {
  return defineCommand({
    meta: { name: `relay ${kind} remove`, description: 'Take its limits away' },
    args: { name: { type: 'positional', required: true, description: 'As keys name it' }, ...commonArguments },
    plugins: [strictArguments],
    run: ({ args }) =>
      withStore(args, async ({ store }) => {
        await store.removeBudgetHolder({ kind, name: args.name })
        report(args, { removed: args.name }, `The ${kind} "${args.name}" has no limits of its own any more.`)
      }),
  })
}

function toRow({ name, maxConcurrency, rateLimits, budget }: BudgetHolder): readonly string[] {
  const windows = rateLimits.map(({ counts, windowMs, max }) => `${max} ${counts}/${windowMs / 1000}s`).join(', ')
  const { dayMicroUsd, weekMicroUsd, monthMicroUsd, totalMicroUsd, timeZone } = budget
  const amounts = [dayMicroUsd, weekMicroUsd, monthMicroUsd, totalMicroUsd].map(toUsd)
  return [name, maxConcurrency === 0 ? '' : String(maxConcurrency), windows, ...amounts, timeZone]
}

function toUsd(microUsd: number): string {
  return microUsd === 0 ? '' : (microUsd / 1_000_000).toFixed(2)
}
