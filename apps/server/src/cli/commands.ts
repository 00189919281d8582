import { defineCommand } from 'citty'

import { VERSION } from '../version.ts'
import { accountAcceptLoss } from './account-accept-loss.ts'
import { accountAdd } from './account-add.ts'
import { accountList } from './account-list.ts'
import { accountProbe } from './account-probe.ts'
import { accountRemove } from './account-remove.ts'
import { accountTest } from './account-test.ts'
import { convert } from './convert.ts'
import { doctor } from './doctor.ts'
import { explain } from './explain.ts'
import { init } from './init.ts'
import { keyCreate } from './key-create.ts'
import { keyList } from './key-list.ts'
import { keyRevoke } from './key-revoke.ts'
import { rulesCheck } from './rules-check.ts'
import { rulesRemove } from './rules-remove.ts'
import { rulesSet } from './rules-set.ts'
import { rulesShow } from './rules-show.ts'
import { rulesTest } from './rules-test.ts'
import { run } from './run.ts'
import { start } from './start.ts'

const account = defineCommand({
  meta: { name: 'relay account', description: 'Accounts: the upstreams that Relay calls' },
  subCommands: {
    add: accountAdd,
    list: accountList,
    test: accountTest,
    probe: accountProbe,
    'accept-loss': accountAcceptLoss,
    remove: accountRemove,
  },
})

const key = defineCommand({
  meta: { name: 'relay key', description: 'Relay keys: what clients show Relay' },
  subCommands: { create: keyCreate, list: keyList, revoke: keyRevoke },
})

const rules = defineCommand({
  meta: { name: 'relay rules', description: 'Custom conversion rules: of one account, or of all' },
  subCommands: { check: rulesCheck, test: rulesTest, set: rulesSet, show: rulesShow, remove: rulesRemove },
})

/** The whole command; its tree is what `--help` shows. */
export const relay = defineCommand({
  meta: { name: 'relay', version: VERSION, description: 'A self-hosted LLM relay whose conversion you can check' },
  subCommands: { start, init, account, key, rules, run, explain, convert, doctor },
})
