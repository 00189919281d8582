import { defineCommand } from 'citty'

import { RULE_SETTINGS } from '../relay/prepare/rule-book.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { note, report } from './report.ts'
import { findPlace, nameOfPlace, placeArguments } from './rule-place.ts'
import { type StoreRooms, withStore } from './with-store.ts'

/** `relay rules show`: prints rules as a file that `relay rules set` takes. */
export const rulesShow = defineCommand({
  meta: { name: 'relay rules show', description: 'Print rules, as a file that "relay rules set" takes' },
  args: { ...placeArguments, ...commonArguments },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async (rooms) => {
      const account = await findPlace(args, rooms)
      const rules = account === undefined ? await readGlobal(rooms, RULE_SETTINGS.operator) : account.rules
      if (account === undefined && (await readGlobal(rooms, RULE_SETTINGS.file)) !== undefined)
        note(args, 'The configuration file has rules for all accounts, too; they run first.')
      if (rules === undefined || Object.keys(rules).length === 0) {
        note(args, `There are no rules for ${nameOfPlace(account)}.`)
        report(args, null, '{ "version": 1, "rules": [] }')
        return
      }
      report(args, rules, JSON.stringify(rules, undefined, 2))
    }),
})

async function readGlobal({ store }: StoreRooms, setting: string): Promise<object | undefined> {
  const text = await store.readSetting(setting)
  // Written by "rules set" or at the start, from rules that had been compiled.
  return text === undefined ? undefined : (JSON.parse(text) as object)
}
