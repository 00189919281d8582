import { ConversionError, type Failure, type Loss } from '@relay/format-converter'

import { ServerError } from '../../server-error.ts'
import type { ERRANDS } from './errands.ts'

export type ErrandName = keyof typeof ERRANDS
export type ErrandInput<Name extends ErrandName> = Parameters<(typeof ERRANDS)[Name]>[0]
export type ErrandResult<Name extends ErrandName> = ReturnType<(typeof ERRANDS)[Name]>

/** What the thread is told. */
export interface ErrandCall {
  readonly name: ErrandName
  readonly input: unknown
}

/** What the thread tells. */
export type ErrandReply =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: PackedError }

/** An error as plain data: what crosses from thread to thread keeps no class. */
type PackedError =
  | {
      readonly type: 'conversion'
      readonly failure: Pick<Failure, 'kind' | 'message' | 'param' | 'details' | 'shouldRetry'>
      readonly losses: readonly Loss[]
      readonly status: number | undefined
    }
  | {
      readonly type: 'server'
      readonly failure: Failure
      readonly status: number | undefined
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly type: 'other'; readonly message: string; readonly stack: string | undefined }

export function packError(error: unknown): PackedError {
  if (ConversionError.is(error)) {
    const { kind, message, param, details, shouldRetry, losses, ruledStatus: status } = error
    return { type: 'conversion', failure: { kind, message, param, details, shouldRetry }, losses, status }
  }
  if (ServerError.is(error)) {
    const { failure, status, headers } = error
    return { type: 'server', failure, status, headers }
  }
  return error instanceof Error
    ? { type: 'other', message: error.message, stack: error.stack }
    : { type: 'other', message: String(error), stack: undefined }
}

export function unpackError(packed: PackedError): Error {
  switch (packed.type) {
    case 'conversion': {
      const { kind, message, ...more } = packed.failure
      const { losses, status } = packed
      return new ConversionError(kind, message, { ...more, losses, status })
    }
    case 'server': {
      const { kind, message, ...rest } = packed.failure
      const { status, headers } = packed
      return new ServerError(kind, message, { ...rest, ...(status !== undefined && { status }), headers })
    }
    case 'other': {
      const error = new Error(packed.message)
      if (packed.stack !== undefined) error.stack = packed.stack
      return error
    }
  }
}
