import { resolve } from 'node:path'

import type { NetworkGuard } from '@relay/upstreams'
import { createNetworkGuard } from '@relay/upstreams'
import { defineCommand } from 'citty'

import { readConfig } from '../config/config.ts'
import { readVariable } from '../config/environment.ts'
import { applyPlan } from '../import-crs/apply-plan.ts'
import type { OriginData } from '../import-crs/origin-data.ts'
import { createOriginSecrets } from '../import-crs/origin-secrets.ts'
import type { ImportPlan } from '../import-crs/plan-import.ts'
import { planImport } from '../import-crs/plan-import.ts'
import { readOriginFile } from '../import-crs/read-origin-file.ts'
import { readOriginRedis } from '../import-crs/read-origin-redis.ts'
import { amount } from './amount.ts'
import type { CommonArguments } from './arguments.ts'
import { commonArguments, environmentOf, strictArguments } from './arguments.ts'
import { readSecretVariable } from './passphrase.ts'
import { createProgress } from './progress.ts'
import { formatTable, oneLine, report } from './report.ts'
import { requireTimeZone } from './time-zone-name.ts'
import { usageError } from './usage-error.ts'
import { withStore } from './with-store.ts'

/** Variables that are read when no option names another one. */
const KEY_VARIABLE = 'CRS_ENCRYPTION_KEY'
const PASSWORD_VARIABLE = 'CRS_REDIS_PASSWORD'
/** The origin counts in UTC+8 unless it was told otherwise. */
const ORIGIN_ZONE = 'Asia/Shanghai'

/** `relay import-crs`: takes over accounts, keys and usage of Claude Relay Service. */
export const importCrs = defineCommand({
  meta: { name: 'relay import-crs', description: 'Take over from Claude Relay Service; its data is only read' },
  args: {
    file: { type: 'positional', required: false, description: 'Its JSON export' },
    redis: {
      type: 'string',
      valueHint: 'url',
      description: `Its Redis, e.g. redis://127.0.0.1:6379/0; the password comes from ${PASSWORD_VARIABLE}`,
    },
    'encryption-key-env': {
      type: 'string',
      valueHint: 'name',
      description: `Variable with the ENCRYPTION_KEY of the origin; ${KEY_VARIABLE} unless given`,
    },
    'time-zone': { type: 'string', valueHint: 'zone', description: `Zone of its days; ${ORIGIN_ZONE} unless given` },
    'through-guard': {
      type: 'boolean',
      default: false,
      description: 'Reach its Redis only where upstreams may be reached, too (RELAY_ALLOW_PRIVATE)',
    },
    'dry-run': {
      type: 'boolean',
      default: false,
      description: 'Say what would become of everything, and write nothing',
    },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const timeZone = requireTimeZone(args['time-zone'] ?? ORIGIN_ZONE, ORIGIN_ZONE)
    const key = readKey(args['encryption-key-env'])
    const data = await readOrigin(
      args,
      createProgress(args, (count) => `${amount(count, 'key')} read`),
    )
    const secrets = key === undefined ? undefined : createOriginSecrets(key)
    const plan = planImport({ data, secrets, timeZone })
    if (args['dry-run']) {
      report(args, { isDryRun: true, ...toView(plan) }, describePlan(plan))
      return
    }
    if (key === undefined) throw usageError(`the ENCRYPTION_KEY of the origin is missing; put it into ${KEY_VARIABLE}`)
    await withStore(args, async ({ store }) => {
      const applied = await applyPlan(
        store,
        plan,
        createProgress(args, (count) => amount(count, 'object')),
      )
      const skipped = applied.skipped.map(
        ({ kind, name, why }) => `\n${kind} "${oneLine(name)}" was left out: ${oneLine(why)}`,
      )
      const counts = `Taken over: ${amount(applied.accounts, 'account')}, ${amount(applied.keys, 'key')} and ${amount(applied.usage, 'sum')} of usage.`
      report(
        args,
        { isDryRun: false, ...toView(plan), applied },
        `${describePlan(plan)}\n\n${counts}${skipped.join('')}`,
      )
    })
  },
})

interface SourceArguments extends CommonArguments {
  readonly 'through-guard': boolean
  readonly file?: string | undefined
  readonly redis?: string | undefined
}

async function readOrigin(args: SourceArguments, onProgress: (keys: number) => void): Promise<OriginData> {
  const { file, redis } = args
  if ((file === undefined) === (redis === undefined)) throw usageError('name either a file or --redis')
  if (file !== undefined) return readOriginFile(resolve(file))
  const url = redis !== undefined && URL.canParse(redis) ? new URL(redis) : undefined
  if (url === undefined || (url.protocol !== 'redis:' && url.protocol !== 'rediss:')) {
    throw usageError('--redis must be an address such as redis://127.0.0.1:6379/0')
  }
  const password = readVariable(process.env, PASSWORD_VARIABLE)
  return readOriginRedis({ url, password, guard: args['through-guard'] ? openGuard(args) : undefined }, onProgress)
}

function openGuard(args: CommonArguments): NetworkGuard {
  const { allowPrivate, isProduction } = readConfig(environmentOf(args))
  return createNetworkGuard({ allow: allowPrivate, allowLoopback: !isProduction })
}

function readKey(variable: string | undefined): string | undefined {
  return variable === undefined
    ? readVariable(process.env, KEY_VARIABLE)
    : readSecretVariable('encryption-key-env', variable)
}

/** For programs; without a secret. */
function toView(plan: ImportPlan): object {
  return {
    ...countWorking(plan),
    keysWithoutAccount: plan.keys.filter(({ isWithoutAccount }) => isWithoutAccount).map(({ input }) => input.name),
    accounts: plan.accounts.map(({ originKey, input, trouble }) => ({
      originKey,
      name: input.name,
      type: input.type,
      baseUrl: input.baseUrl,
      trouble,
    })),
    leftBehind: plan.leftBehind,
    keys: plan.keys.map(({ originId, input, trouble }) => ({ originId, name: input.name, trouble })),
    usage: plan.usage.length,
    fields: plan.fields,
  }
}

interface Working {
  readonly workingAccounts: number
  readonly allAccounts: number
  readonly workingKeys: number
  readonly allKeys: number
}

function countWorking({ accounts, leftBehind, keys }: ImportPlan): Working {
  return {
    workingAccounts: accounts.filter(({ trouble }) => trouble === undefined).length,
    allAccounts: accounts.length + leftBehind.length,
    workingKeys: keys.filter(({ trouble }) => trouble === undefined).length,
    allKeys: keys.length,
  }
}

function describePlan(plan: ImportPlan): string {
  const { workingAccounts, allAccounts, workingKeys, allKeys } = countWorking(plan)
  const orphans = plan.keys.filter(({ isWithoutAccount }) => isWithoutAccount)
  return [
    `${workingAccounts} of ${allAccounts} accounts and ${workingKeys} of ${allKeys} keys will keep working.`,
    listOf(
      'Keys left without an account',
      orphans.map(({ input }) => [input.name]),
    ),
    listOf(
      'Accounts that do not come over',
      plan.leftBehind.map(({ name, why }) => [name, why]),
    ),
    listOf('Accounts that will not work at once', withTrouble(plan.accounts)),
    listOf('Keys that will not work at once', withTrouble(plan.keys)),
    `Usage: ${amount(plan.usage.length, 'sum')} by key, day and model.`,
    formatTable(
      ['FATE', 'KIND', 'FIELD', 'OBJECTS', 'NOTE'],
      plan.fields.map(({ fate, kind, field, objects, note }) => [fate, kind, field, String(objects), note]),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

interface Named {
  readonly input: { readonly name: string }
  readonly trouble: string | undefined
}

function withTrouble(objects: readonly Named[]): readonly (readonly string[])[] {
  return objects.flatMap(({ input, trouble }) => (trouble === undefined ? [] : [[input.name, trouble]]))
}

function listOf(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `${title}:\n${rows.map((cells) => `  ${cells.map(oneLine).join(': ')}`).join('\n')}`
}
