import { isCancel, password } from '@clack/prompts'
import type { ArgsDef } from 'citty'

import { readVariable } from '../config/environment.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import type { FileSecret } from '../upkeep/line-sealer.ts'
import { usageError } from './usage-error.ts'

/** The options of a command that seals or opens the secrets of a file. */
export const passphraseArguments = {
  'passphrase-env': {
    type: 'string',
    valueHint: 'name',
    description: 'Read the passphrase for the secrets from this environment variable',
  },
  'passphrase-stdin': { type: 'boolean', default: false, description: 'Read the passphrase from standard input' },
} as const satisfies ArgsDef

/** What {@link passphraseArguments} become. */
export interface PassphraseArguments {
  readonly 'passphrase-env'?: string | undefined
  readonly 'passphrase-stdin': boolean
}

/** Shorter ones are guessed, whatever a guess costs. */
const MIN_CHARACTERS = 12
const MAX_CHARACTERS = 1024

/** The passphrase of the command line; `undefined` when it names none. */
export async function readPassphrase(args: PassphraseArguments): Promise<FileSecret | undefined> {
  const variable = args['passphrase-env']
  if (variable !== undefined && args['passphrase-stdin']) {
    throw usageError('choose one of --passphrase-env and --passphrase-stdin')
  }
  if (variable !== undefined) return toSecret(readSecretVariable('passphrase-env', variable))
  return args['passphrase-stdin'] ? toSecret(await readStandardInput()) : undefined
}

/** The same, or asks a person for it without showing it. */
export async function askPassphrase(args: PassphraseArguments, question: string): Promise<FileSecret | undefined> {
  const said = await readPassphrase(args)
  if (said !== undefined || !process.stdin.isTTY) return said
  const answer = await password({ message: question })
  if (isCancel(answer)) throw new ExitError(EXIT_CODES.failed, 'cancelled; nothing was changed')
  return toSecret(answer)
}

/** A secret from a variable whose name an option gives. */
export function readSecretVariable(option: string, name: string): string {
  // A name that is none may be the secret itself, given by mistake: it is not repeated.
  if (!/^[A-Za-z_]\w*$/.test(name)) throw usageError(`--${option} takes the name of a variable, not its value`)
  const value = readVariable(process.env, name)
  if (value === undefined) throw usageError(`the environment variable ${name} is not set`)
  return value.trim()
}

/** All of standard input, without white space at its ends. */
export async function readStandardInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > MAX_CHARACTERS) throw usageError('what standard input holds is too long for a secret')
  }
  return text.trim()
}

function toSecret(passphrase: string): FileSecret {
  if (passphrase.length >= MIN_CHARACTERS) return { kind: 'passphrase', passphrase }
  throw usageError(`a passphrase needs at least ${MIN_CHARACTERS} characters`)
}
