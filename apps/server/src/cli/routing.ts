import { STRATEGIES } from '@relay/account-store'
import { defineCommand } from 'citty'

import { type RoutingSettings, routingSettingsSchema, USUAL_ROUTING } from '../config/routing-settings.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { readStoredRouting, type StoredRouting, writeStoredRouting } from '../relay/choose/stored-routing.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { formatTable, report } from './report.ts'
import { requireChange } from './require-change.ts'
import { usageError } from './usage-error.ts'
import { withStore } from './with-store.ts'

const show = defineCommand({
  meta: { name: 'relay routing show', description: 'Show strategy, model aliases and fallback chains' },
  args: commonArguments,
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const routing = await readStoredRouting(store)
      report(args, routing, describe(routing))
    }),
})

const set = defineCommand({
  meta: { name: 'relay routing set', description: 'Change how requests find their accounts; what is not given stays' },
  args: {
    strategy: {
      type: 'enum',
      options: [...STRATEGIES],
      description: 'How accounts of one priority share the load',
    },
    aliases: {
      type: 'string',
      valueHint: 'list',
      description: 'asked=meant, comma separated, * is a wildcard; none takes them away',
    },
    fallbacks: {
      type: 'string',
      valueHint: 'list',
      description: 'model=next>next, comma separated: what is tried where no account can answer; none takes them away',
    },
    'show-account': { type: 'enum', options: ['yes', 'no'], description: 'Name the account in x-relay-account' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const change = readOptions(args)
      requireChange(change, 'relay routing set')
      const { settings, managedBy } = await readStoredRouting(store)
      requireOperator(managedBy)
      const changed = routingSettingsSchema.safeParse({ ...settings, ...change })
      if (!changed.success) throw usageError(describeIssues(changed.error.issues))
      await writeStoredRouting(store, changed.data)
      report(args, changed.data, `${describe({ settings: changed.data, managedBy })}\nOn every node within a second.`)
    }),
})

const reset = defineCommand({
  meta: { name: 'relay routing reset', description: 'Go back to the usual routing: no aliases, no fallbacks' },
  args: commonArguments,
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      requireOperator((await readStoredRouting(store)).managedBy)
      await writeStoredRouting(store, USUAL_ROUTING)
      report(args, USUAL_ROUTING, 'The usual routing holds again, on every node within a second.')
    }),
})

/** `relay routing`: how requests find their accounts. */
export const routing = defineCommand({
  meta: { name: 'relay routing', description: 'Routing: strategy, model aliases, fallback chains' },
  subCommands: { show, set, reset },
})

interface RoutingOptions {
  readonly strategy?: string | undefined
  readonly aliases?: string | undefined
  readonly fallbacks?: string | undefined
  readonly 'show-account'?: string | undefined
}

/** What was given; the schema says what of it is wrong. */
function readOptions(options: RoutingOptions): Readonly<Record<string, unknown>> {
  const account = options['show-account']
  const given = {
    strategy: options.strategy,
    aliases: readPairs('aliases', options.aliases, (value) => readModel('aliases', value)),
    fallbacks: readPairs('fallbacks', options.fallbacks, readChain),
    showsAccount: account === undefined ? undefined : account === 'yes',
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function readPairs<Value>(
  name: string,
  text: string | undefined,
  read: (value: string) => Value,
): Readonly<Record<string, Value>> | undefined {
  if (text === undefined) return undefined
  if (text === 'none') return {}
  return Object.fromEntries(
    text.split(',').map((pair): [string, Value] => {
      const at = pair.indexOf('=')
      if (at < 1)
        throw usageError(`--${name} takes name=value, comma separated, not ${JSON.stringify(pair.slice(0, 60))}`)
      return [pair.slice(0, at).trim(), read(pair.slice(at + 1).trim())]
    }),
  )
}

function readChain(value: string): readonly string[] {
  return value.split('>').map((name) => readModel('fallbacks', name.trim()))
}

function readModel(option: string, name: string): string {
  if (name === '') throw usageError(`--${option}: a name is missing behind = or >`)
  return name
}

function requireOperator(managedBy: StoredRouting['managedBy']): void {
  if (managedBy === 'operator') return
  throw new ExitError(EXIT_CODES.failed, 'nothing was changed: the configuration file decides the routing')
}

function describe({ settings, managedBy }: StoredRouting): string {
  const { strategy, aliases, fallbacks, showsAccount }: RoutingSettings = settings
  const rows = [
    ['strategy', strategy],
    ...Object.entries(aliases).map(([asked, meant]) => ['alias', `${asked} → ${meant}`]),
    ...Object.entries(fallbacks).map(([model, next]) => ['fallback', [model, ...next].join(' → ')]),
    ['x-relay-account', showsAccount ? 'shown' : 'not shown'],
    ['decided by', managedBy === 'config' ? 'the configuration file' : 'the operator'],
  ]
  return formatTable(['SETTING', 'VALUE'], rows)
}

function describeIssues(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  return issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ')
}
