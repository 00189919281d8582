import { isCancel, password } from '@clack/prompts'

import { readVariable } from '../config/environment.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { usageError } from './usage-error.ts'

/** Where a credential may come from; never an argument. */
export interface CredentialArguments {
  readonly 'credential-env'?: string | undefined
  readonly 'credential-stdin': boolean
  readonly 'without-credential': boolean
}

/** The options of a command that takes a credential. */
export const credentialArguments = {
  'credential-env': {
    type: 'string',
    valueHint: 'name',
    description: 'Read the credential from this environment variable',
  },
  'credential-stdin': { type: 'boolean', default: false, description: 'Read the credential from standard input' },
  'without-credential': { type: 'boolean', default: false, description: 'The upstream needs no credential' },
} as const

const MAX_CREDENTIAL_CHARACTERS = 16_384

/**
 * Reads a credential as the command line says, or asks for it without showing it.
 *
 * @param question - what to ask
 * @returns `undefined` for an upstream that needs none
 */
export async function readCredential(args: CredentialArguments, question: string): Promise<string | undefined> {
  const ways = [args['credential-env'] !== undefined, args['credential-stdin'], args['without-credential']]
  if (ways.filter(Boolean).length > 1) {
    throw usageError('choose one of --credential-env, --credential-stdin and --without-credential')
  }
  if (args['without-credential']) return undefined
  const variable = args['credential-env']
  if (variable !== undefined) return fromVariable(variable)
  if (args['credential-stdin']) return fromStandardInput()
  if (process.stdin.isTTY) return fromPrompt(question)
  throw usageError('the credential is missing; use --credential-env NAME, --credential-stdin, or --without-credential')
}

function fromVariable(name: string): string {
  const credential = readVariable(process.env, name)
  // A name that is none may be the credential itself, given by mistake: it is not repeated.
  if (!/^[A-Za-z_]\w*$/.test(name)) throw usageError('--credential-env takes the name of a variable, not its value')
  if (credential === undefined) throw usageError(`the environment variable ${name} is not set`)
  return credential.trim()
}

async function fromStandardInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > MAX_CREDENTIAL_CHARACTERS)
      throw usageError('what standard input holds is too long for a credential')
  }
  const credential = text.trim()
  if (credential === '') throw usageError('standard input holds no credential')
  return credential
}

async function fromPrompt(question: string): Promise<string | undefined> {
  const answer = await password({ message: `${question} (empty for none)` })
  if (isCancel(answer)) throw new ExitError(EXIT_CODES.failed, 'cancelled; nothing was changed')
  const credential = answer.trim()
  return credential === '' ? undefined : credential
}
