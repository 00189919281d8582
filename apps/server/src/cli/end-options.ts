import type { ArgsDef } from 'citty'

import { readCount } from './arguments.ts'
import { usageError } from './usage-error.ts'
import { readTime } from './usage-filter.ts'

const DAY_MS = 86_400_000

/** Options that say when a key or an account ends. */
export const endArguments = {
  'expires-in-days': { type: 'string', valueHint: 'number', description: 'When it ends; never unless given' },
  'expires-at': {
    type: 'string',
    valueHint: 'time',
    description: 'The same as a date, e.g. 2027-01-31 or 2027-01-31T18:00Z; never takes the end away',
  },
} as const satisfies ArgsDef

/** What {@link endArguments} become. */
export type EndOptions = { readonly [Name in keyof typeof endArguments]?: string | undefined }

/**
 * Reads an end in milliseconds since the epoch; `null` takes it away.
 *
 * @param switchOff - the command for whoever means now
 */
export function readEnd(options: EndOptions, switchOff: string): number | null | undefined {
  const days = readCount('expires-in-days', options['expires-in-days'])
  const date = options['expires-at']
  if (days !== undefined && date !== undefined) throw usageError('choose one of --expires-in-days and --expires-at')
  if (days === 0)
    throw usageError('--expires-in-days is 0, and it would end at once; --expires-at never takes the end away')
  if (days !== undefined) return Date.now() + days * DAY_MS
  if (date === 'never') return null
  const at = readTime('expires-at', date)
  if (at !== undefined && at <= Date.now())
    throw usageError(`--expires-at is ${JSON.stringify(date)}, which is over; \`${switchOff}\` switches it off`)
  return at
}
