import { defineCommand } from 'citty'

import { VERSION } from '../version.ts'
import { accountAcceptLoss } from './account-accept-loss.ts'
import { accountAdd } from './account-add.ts'
import { accountClone } from './account-clone.ts'
import { accountEdit } from './account-edit.ts'
import { accountExport } from './account-export.ts'
import { accountImport } from './account-import.ts'
import { accountList } from './account-list.ts'
import { accountProbe } from './account-probe.ts'
import { accountRemove } from './account-remove.ts'
import { accountClearCooldown, accountPause, accountResume, accountShow } from './account-switch.ts'
import { accountTest } from './account-test.ts'
import { backup } from './backup.ts'
import { owner, team } from './budget-holder.ts'
import { convert } from './convert.ts'
import { doctor } from './doctor.ts'
import { explain } from './explain.ts'
import { exportAll } from './export.ts'
import { importCrs } from './import-crs.ts'
import { importAll } from './import.ts'
import { init } from './init.ts'
import { keyCreate } from './key-create.ts'
import { keyEdit } from './key-edit.ts'
import { keyList } from './key-list.ts'
import { keyRevoke } from './key-revoke.ts'
import { keyRotate } from './key-rotate.ts'
import { keyShow } from './key-show.ts'
import { keyDisable, keyEnable, keyRestore } from './key-switch.ts'
import { prices } from './prices.ts'
import { reprice } from './reprice.ts'
import { restore } from './restore.ts'
import { rotateEncryptionKey } from './rotate-encryption-key.ts'
import { routing } from './routing.ts'
import { rulesCheck } from './rules-check.ts'
import { rulesRemove } from './rules-remove.ts'
import { rulesSet } from './rules-set.ts'
import { rulesShow } from './rules-show.ts'
import { rulesTest } from './rules-test.ts'
import { run } from './run.ts'
import { start } from './start.ts'
import { usageExport } from './usage-export.ts'
import { usageList } from './usage-list.ts'
import { usageShow } from './usage-show.ts'
import { usageSum } from './usage-sum.ts'

const account = defineCommand({
  meta: { name: 'relay account', description: 'Accounts: the upstreams that Relay calls' },
  subCommands: {
    add: accountAdd,
    list: accountList,
    show: accountShow,
    edit: accountEdit,
    pause: accountPause,
    resume: accountResume,
    'clear-cooldown': accountClearCooldown,
    test: accountTest,
    probe: accountProbe,
    'accept-loss': accountAcceptLoss,
    clone: accountClone,
    export: accountExport,
    import: accountImport,
    remove: accountRemove,
  },
})

const key = defineCommand({
  meta: { name: 'relay key', description: 'Relay keys: what clients show Relay' },
  subCommands: {
    create: keyCreate,
    list: keyList,
    show: keyShow,
    edit: keyEdit,
    rotate: keyRotate,
    disable: keyDisable,
    enable: keyEnable,
    revoke: keyRevoke,
    restore: keyRestore,
  },
})

const rules = defineCommand({
  meta: { name: 'relay rules', description: 'Custom conversion rules: of one account, or of all' },
  subCommands: { check: rulesCheck, test: rulesTest, set: rulesSet, show: rulesShow, remove: rulesRemove },
})

const usage = defineCommand({
  meta: { name: 'relay usage', description: 'What requests have used and cost' },
  subCommands: { list: usageList, show: usageShow, sum: usageSum, export: usageExport },
})

/** The whole command; its tree is what `--help` shows. */
export const relay = defineCommand({
  meta: { name: 'relay', version: VERSION, description: 'A self-hosted LLM relay whose conversion you can check' },
  subCommands: {
    start,
    init,
    account,
    key,
    owner,
    team,
    usage,
    rules,
    routing,
    run,
    explain,
    convert,
    backup,
    restore,
    export: exportAll,
    import: importAll,
    'import-crs': importCrs,
    prices,
    reprice,
    'rotate-encryption-key': rotateEncryptionKey,
    doctor,
  },
})
