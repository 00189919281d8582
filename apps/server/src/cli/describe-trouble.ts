import { stripVTControlCharacters } from 'node:util'

import { StoreError } from '@relay/account-store'
import type { StoreErrorCode } from '@relay/account-store'
import { ConversionError, redact } from '@relay/format-converter'
import { UpstreamError } from '@relay/upstreams'

import { ConfigError } from '../config/config-error.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import type { ExitCode } from '../exit-error.ts'
import { ServerError } from '../server-error.ts'

/** Trouble as the terminal shows it. */
export interface Trouble {
  readonly message: string
  /** A word for scripts. */
  readonly code: string
  readonly exitCode: ExitCode
}

/** What a store error means when the data set itself cannot be used. */
const UNUSABLE_STORE: ReadonlySet<StoreErrorCode> = new Set([
  'wrong-encryption-key',
  'not-a-store',
  'store-damaged',
  'store-too-new',
  'store-busy',
  'store-full',
  'store-read-only',
  'store-unavailable',
])

/** Our own errors are written for the operator; of any other only name and redacted message are shown. */
export function describeTrouble(error: unknown): Trouble {
  if (error instanceof ExitError)
    return { message: error.message, code: codeOf(error.exitCode), exitCode: error.exitCode }
  if (error instanceof ConfigError) return failed('config', error.message)
  if (StoreError.is(error)) {
    const exitCode = UNUSABLE_STORE.has(error.code) ? EXIT_CODES.store : EXIT_CODES.failed
    return { message: error.message, code: error.code, exitCode }
  }
  if (ServerError.is(error)) return failed(error.failure.kind, error.message)
  if (UpstreamError.is(error)) return failed(error.code, error.message)
  if (ConversionError.is(error)) return failed(error.kind, `${error.message}${placeOf(error)}`)
  if (isArgumentError(error))
    return { message: stripVTControlCharacters(error.message), code: 'usage', exitCode: EXIT_CODES.usage }
  return describeForeign(error)
}

function describeForeign(error: unknown): Trouble {
  if (isFileError(error)) return failed('file', `${error.path} cannot be used (${error.code})`)
  return failed('internal', error instanceof Error ? redact(`${error.name}: ${error.message}`) : 'unknown trouble')
}

function failed(code: string, message: string): Trouble {
  return { message, code, exitCode: EXIT_CODES.failed }
}

/** Many messages begin with their place. */
function placeOf({ param = '', message }: ConversionError): string {
  return param === '' || message.startsWith(param) ? '' : ` (at ${param})`
}

function codeOf(exitCode: ExitCode): string {
  return Object.entries(EXIT_CODES).find(([, value]) => value === exitCode)?.[0] ?? 'failed'
}

/** Something of the operating system about one file or folder. */
function isFileError(error: unknown): error is Error & { readonly code: string; readonly path: string } {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return false
  return typeof error.code === 'string' && typeof error.path === 'string'
}

/** citty does not export its error class. */
function isArgumentError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'CLIError'
}
