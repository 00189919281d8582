import { confirm, isCancel } from '@clack/prompts'
import type { AccountStore } from '@relay/account-store'
import type { Preset } from '@relay/upstreams'
import { presets } from '@relay/upstreams'
import { defineCommand } from 'citty'

import { readVariable } from '../config/environment.ts'
import { secretsFilePath } from '../config/secrets-file.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { makeFirstRelayKey } from '../first-run/first-secrets.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { commandName, dataDirOption } from './command-name.ts'
import { presetAccount } from './preset-account.ts'
import { note, report } from './report.ts'
import { usageError } from './usage-error.ts'
import { withStore } from './with-store.ts'

/** `relay init`: makes secrets and store, offers accounts for the credentials in the environment, and makes a relay key. */
export const init = defineCommand({
  meta: { name: 'relay init', description: 'Set up a data folder; offers accounts for keys found in the environment' },
  args: {
    yes: { type: 'boolean', default: false, description: 'Make all accounts that are offered, without asking' },
    no: { type: 'boolean', default: false, description: 'Make none of them, without asking' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    if (args.yes && args.no) throw usageError('choose one of --yes and --no')
    await withStore(args, async ({ config, store }) => {
      const offers = await findOffers(store)
      const accounts: string[] = []
      for (const offer of offers) {
        if (await isAccepted(offer, args)) accounts.push(await makeAccount(store, offer))
      }
      const relayKey = await makeFirstRelayKey(store)
      const result: InitResult = {
        dataDir: config.dataDir,
        secretsFile: config.isProduction ? undefined : secretsFilePath(config.dataDir),
        offered: offers.map(({ variable }) => variable),
        accounts,
        relayKey,
      }
      report(args, result, describe(result, dataDirOption(args)))
    })
  },
})

/** A credential in the environment for which there is no account yet. */
interface Offer {
  readonly preset: Preset
  readonly variable: string
  readonly credential: string
}

interface InitResult {
  readonly dataDir: string
  readonly secretsFile: string | undefined
  /** Names of the variables; never their values. */
  readonly offered: readonly string[]
  /** Names of the accounts that were made. */
  readonly accounts: readonly string[]
  readonly relayKey: string | undefined
}

async function findOffers(store: AccountStore): Promise<readonly Offer[]> {
  const taken = new Set((await store.listAccounts()).map(({ name }) => name))
  return presets.flatMap((preset) => {
    const variable = preset.keyVariable
    const credential = variable === undefined ? undefined : readVariable(process.env, variable)?.trim()
    if (variable === undefined || credential === undefined || credential === '' || taken.has(preset.id)) return []
    return [{ preset, variable, credential }]
  })
}

/** Never silently: without a terminal and without `--yes` nothing is made, and it is said how. */
async function isAccepted(
  offer: Offer,
  args: { readonly yes: boolean; readonly no: boolean; readonly json: boolean },
): Promise<boolean> {
  if (args.no) return false
  if (args.yes) return true
  if (!process.stdin.isTTY) {
    note(args, `${offer.variable} is set; \`relay init --yes\` makes an account "${offer.preset.id}" of it.`)
    return false
  }
  const answer = await confirm({
    message: `${offer.variable} is set. Make an account "${offer.preset.id}" (${offer.preset.label}) of it?`,
  })
  if (isCancel(answer)) throw new ExitError(EXIT_CODES.failed, 'cancelled; what was made so far stays')
  return answer
}

async function makeAccount(store: AccountStore, { preset, credential }: Offer): Promise<string> {
  const { name } = await store.createAccount({ ...presetAccount(preset, preset.id), credential })
  return name
}

function describe({ dataDir, accounts, relayKey }: InitResult, folder: string): string {
  const command = commandName()
  const lines = [`The data folder ${dataDir} is ready.`]
  for (const name of accounts)
    lines.push(`Account "${name}" was made; test it with: ${command} account test ${name} --model NAME${folder}`)
  if (relayKey !== undefined) lines.push(`Relay key, shown only this once: ${relayKey}`)
  if (accounts.length === 0) lines.push(`Add an account with: ${command} account add NAME --preset anthropic${folder}`)
  lines.push(`Start with: ${command} start${folder}`)
  return lines.join('\n')
}
