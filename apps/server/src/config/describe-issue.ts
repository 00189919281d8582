import type * as z from 'zod'

import { closestName } from './closest-name.ts'
import { knownNames } from './config-file-schema.ts'
import { formatPath } from './substitute-variables.ts'

type Issue = z.core.$ZodIssue

/** Zod's words for types, in ours. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
}

const MAX_SHOWN_CHARACTERS = 60

/**
 * Says what is wrong at a place of the configuration file, one entry for each mistake.
 *
 * @param document - the file as it was written: `${NAME}` is shown as such, never what it stands for
 */
export function describeIssue(issue: Issue, document: unknown): readonly string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => describeUnknown(issue.path, key))
  const seen = showValue(issue.path, valueAt(document, issue.path))
  return [
    `${formatPath(issue.path) || 'the file'}: ${describeWrong(issue)}${seen === undefined ? '' : `, not ${seen}`}`,
  ]
}

function describeUnknown(path: readonly PropertyKey[], key: string): string {
  const known = knownNames(path)
  const meant = closestName(key, known)
  const way = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${JSON.stringify(meant)}?`
  return `${formatPath([...path, key])}: is not known; ${way}`
}

function describeWrong(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      return `must be at least ${issue.minimum}`
    case 'too_big':
      return `must be at most ${issue.maximum}`
    default:
      return issue.message
  }
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value = document
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    // Sound: `value` is an object of parsed JSON that has this own member.
    value = (value as Record<PropertyKey, unknown>)[segment]
  }
  return value
}

/** `undefined` where nothing is to be shown: for secrets. */
function showValue(path: readonly PropertyKey[], value: unknown): string | undefined {
  const field = path.at(-1)
  const isSecret = field === 'credential' || field === 'secret'
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (isSecret) return `a ${typeof value}`
  return JSON.stringify(value).slice(0, MAX_SHOWN_CHARACTERS)
}
