import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'

/** What is wrong with a file of rules, and where. */
export interface RuleError {
  /** JSON Pointer into the file. */
  readonly path: string
  readonly message: string
}

/** More are not listed. */
const MAX_ERRORS = 50

/** A value of the file while it is read: where it stands, and where mistakes are noted. */
export interface Source {
  readonly value: JsonValue | undefined
  readonly path: string
  readonly errors: RuleError[]
}

/** Notes a mistake and gives `undefined`, so that a reader can return it. */
export function refuse({ path, errors }: Source, message: string): undefined {
  if (errors.length < MAX_ERRORS) errors.push({ path, message })
  return undefined
}

/** The member of an object that was read with {@link readObject}. */
export function below({ value, path, errors }: Source, name: string): Source {
  const own = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return { value: own, path: `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, errors }
}

/** An object with none but the known members. */
export function readObject(source: Source, known: readonly string[]): JsonObject | undefined {
  if (!isJsonObject(source.value)) return refuse(source, `must be an object${seen(source)}`)
  for (const name of Object.keys(source.value)) {
    if (!known.includes(name)) refuse(below(source, name), `is not known; known are ${known.join(', ')}`)
  }
  return source.value
}

/** The elements of a list, each with its place. */
export function readList(source: Source, bounds: { readonly min: number; readonly max: number }): readonly Source[] {
  const { value, path, errors } = source
  if (!isJsonArray(value)) {
    refuse(source, `must be a list${seen(source)}`)
    return []
  }
  if (value.length < bounds.min || value.length > bounds.max) {
    refuse(source, `must have ${bounds.min} to ${bounds.max} entries, not ${value.length}`)
    return []
  }
  return value.map((element, index) => ({ value: element, path: `${path}/${index}`, errors }))
}

export function readText(source: Source, max: number): string | undefined {
  const { value } = source
  if (typeof value !== 'string') return refuse(source, `must be a text${seen(source)}`)
  if (value === '' || value.length > max) return refuse(source, `must have 1 to ${max} characters, not ${value.length}`)
  return value
}

export function readNumber(source: Source): number | undefined {
  return typeof source.value === 'number' && Number.isFinite(source.value)
    ? source.value
    : refuse(source, `must be a number${seen(source)}`)
}

export function readFlag(source: Source): boolean | undefined {
  return typeof source.value === 'boolean' ? source.value : refuse(source, `must be true or false${seen(source)}`)
}

export function readChoice<Choice extends string | number>(
  source: Source,
  choices: readonly Choice[],
): Choice | undefined {
  const choice = choices.find((candidate) => candidate === source.value)
  return choice ?? refuse(source, `must be one of ${choices.join(', ')}${seen(source)}`)
}

/** One text, or a list of them. */
export function readTexts(source: Source, max: number): readonly string[] {
  const sources = isJsonArray(source.value) ? readList(source, { min: 1, max: 50 }) : [source]
  return sources.map((each) => readText(each, max)).filter((text) => text !== undefined)
}

export function readScalar(source: Source): string | number | boolean | null | undefined {
  const { value } = source
  return value === undefined || typeof value === 'object' ? readNull(source) : value
}

function readNull(source: Source): null | undefined {
  return source.value === null ? null : refuse(source, `must be a text, a number, true, false or null${seen(source)}`)
}

function seen({ value }: Source): string {
  if (value === undefined) return '; it is missing'
  if (value === null) return ', not null'
  if (isJsonArray(value)) return ', not a list'
  return typeof value === 'object' ? ', not an object' : `, not ${JSON.stringify(value).slice(0, 60)}`
}
