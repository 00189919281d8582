import type { ArgsDef, CittyPlugin } from 'citty'

import { closestName } from '../config/closest-name.ts'
import type { Environment } from '../config/environment.ts'
import { usageError } from './usage-error.ts'

/** Arguments that every command has. */
export const commonArguments = {
  json: { type: 'boolean', default: false, description: 'Write the result as one line of JSON' },
  'data-dir': { type: 'string', valueHint: 'folder', description: 'Folder of the store, instead of DATA_DIR' },
} as const satisfies ArgsDef

/** What {@link commonArguments} become. */
export interface CommonArguments {
  readonly json: boolean
  readonly 'data-dir'?: string | undefined
}

/** The process's environment, with what the command line says in its place. */
export function environmentOf(args: CommonArguments, overrides: Environment = {}): Environment {
  const said = Object.entries({ DATA_DIR: args['data-dir'], ...overrides }).filter(([, value]) => value !== undefined)
  return { ...process.env, ...Object.fromEntries(said) }
}

/**
 * Refuses options that a command does not have, options without their value, and words too many.
 *
 * A slip would otherwise be ignored: `--ouput` is not `--output`. Values are never repeated, they may be secrets.
 */
export const strictArguments: CittyPlugin = {
  name: 'strict-arguments',
  setup: ({ args, cmd }) => checkArguments(args, (cmd.args ?? {}) as ArgsDef, { words: args._.length }), // plain objects, all of ours
}

/** The same for a command that hands what stands behind `--` to another program. */
export const strictArgumentsBeforeDashes: CittyPlugin = {
  name: 'strict-arguments-before-dashes',
  setup: ({ args, cmd, rawArgs }) => {
    const behind = rawArgs.length - wordsBeforeDashes(rawArgs).length - 1
    const words = args._.length - Math.max(0, behind)
    checkArguments(args, (cmd.args ?? {}) as ArgsDef, { words, help: FOR_THE_PROGRAM }) // plain objects, all of ours
  },
}

const FOR_THE_PROGRAM = 'what is for the program goes behind --, see --help'

interface Given {
  /** That are no options, nor their values. */
  readonly words: number
  /** What helps who has given too much. */
  readonly help?: string
}

function checkArguments(
  args: Readonly<Record<string, unknown>>,
  definitions: ArgsDef,
  { words, help = 'see --help' }: Given,
): void {
  const names = Object.keys(definitions)
  const known = new Set(names.flatMap((name) => [name, camelCase(name)]))
  for (const [name, value] of Object.entries(args)) {
    if (name === '_') continue
    if (!known.has(name)) throw unknownOption(name, names, help)
    if (definitions[name]?.type === 'string' && value === '') throw usageError(`--${name} needs a value`)
  }
  const places = names.filter((name) => definitions[name]?.type === 'positional').length
  if (words > places) throw usageError(`${wordsTooMany(words - places, places)}, ${help}`)
}

function wordsTooMany(extra: number, places: number): string {
  const many = extra === 1 ? 'one word' : `${extra} words`
  const taken = places === 0 ? 'none' : places
  return `${many} too many: beside options and their values this command takes ${taken}; quote what belongs together`
}

/** What stands behind `--` is another program's, with the dashes themselves. */
export function wordsBeforeDashes(words: readonly string[]): readonly string[] {
  const at = words.indexOf('--')
  return at === -1 ? words : words.slice(0, at)
}

/** Reads a whole number from an option. */
export function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw usageError(`--${name} must be a whole number, not ${JSON.stringify(text.slice(0, 40))}`)
}

function unknownOption(name: string, names: readonly string[], help: string): Error {
  if (/^(?:credential|key|api-?key|token|secret|password)$/i.test(name)) {
    const way = 'use --credential-env NAME, --credential-stdin, or neither to be asked'
    return usageError(`--${name}: a secret is never read from an argument, where others can see it; ${way}`)
  }
  const meant = closestName(name, names)
  const dashes = name.length === 1 ? '-' : '--'
  return usageError(
    `unknown option ${dashes}${name}${meant === undefined ? `; ${help}` : `; did you mean --${meant}?`}`,
  )
}

function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
