import type { AccountInput } from '@relay/account-store'
import { ACCOUNT_TYPES } from '@relay/account-store'
import { defineCommand } from 'citty'

import { accountTrouble, defaultBaseUrl } from '../config/account-trouble.ts'
import { modelOf } from '../diagnose/stored-target.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { accountArguments, type AccountOptions, readAccountOptions, withoutClearing } from './account-options.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { commandName, dataDirOption } from './command-name.ts'
import { credentialArguments, readCredential } from './credential.ts'
import { presetAccount, requirePreset } from './preset-account.ts'
import { report } from './report.ts'
import { usageError } from './usage-error.ts'
import { accountView } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay account add`: makes an account. */
export const accountAdd = defineCommand({
  meta: { name: 'relay account add', description: 'Add an account' },
  args: {
    name: { type: 'positional', required: true, description: 'Its name' },
    preset: { type: 'string', valueHint: 'id', description: 'A well-known service: fills type, address and formats' },
    type: {
      type: 'enum',
      options: [...ACCOUNT_TYPES],
      description: 'Kind of upstream; openai-chat unless a preset says otherwise',
    },
    'base-url': { type: 'string', valueHint: 'url', description: 'Address of the upstream' },
    models: {
      type: 'string',
      valueHint: 'asked=sent,…',
      description: "Model names: what clients ask for and what is sent, e.g. 'claude-*=gpt-5.2,*=*'",
    },
    ...accountArguments,
    ...credentialArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const settings = readSettings(args)
    const trouble = accountTrouble(settings)
    if (trouble !== undefined) throw new ExitError(EXIT_CODES.failed, trouble.message)
    const credential = await readCredential(args, `Credential for ${settings.name} (${new URL(settings.baseUrl).host})`)
    await withStore(args, async ({ store }) => {
      const account = await store.createAccount({ ...settings, credential })
      const model = modelOf(account) === undefined ? ' --model MODEL' : ''
      const next = `Test it with: ${commandName()} account test ${JSON.stringify(account.name)}${model}${dataDirOption(args)}`
      report(
        args,
        accountView(account),
        `Account "${account.name}" (${account.type}, ${account.baseUrl}) was added.\n${next}`,
      )
    })
  },
})

interface SettingArguments extends AccountOptions {
  readonly name: string
  readonly preset?: string | undefined
  readonly type?: AccountInput['type'] | undefined
  readonly 'base-url'?: string | undefined
  readonly models?: string | undefined
}

function readSettings(args: SettingArguments): Omit<AccountInput, 'credential'> {
  const preset = args.preset === undefined ? undefined : presetAccount(requirePreset(args.preset), args.name)
  const type = args.type ?? preset?.type ?? 'openai-chat'
  const baseUrl = args['base-url'] ?? preset?.baseUrl ?? defaultBaseUrl(type)
  if (baseUrl === undefined) throw usageError(`accounts of type ${type} need --base-url, or --preset`)
  return {
    ...preset,
    // An address of one's own replaces all of the preset's: a credential goes to no other host.
    ...(args['base-url'] === undefined ? {} : { formatBaseUrls: {} }),
    ...readRouting(args),
    name: args.name,
    type,
    baseUrl,
  }
}

function readRouting(args: SettingArguments): Partial<AccountInput> {
  return {
    models: args.models === undefined ? undefined : readModels(args.models),
    ...withoutClearing(readAccountOptions(args)),
  }
}

/** A model map as it is written on a command line. */
export function readModels(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((pair): [string, string] => {
    const [asked = '', sent = '', ...rest] = pair.split('=').map((part) => part.trim())
    if (asked === '' || sent === '' || rest.length > 0) {
      throw usageError(`--models: ${JSON.stringify(pair.slice(0, 60))} is not of the form asked=sent`)
    }
    return [asked, sent]
  })
  return Object.fromEntries(pairs)
}
