import { isJsonObject, type JsonValue } from '../model/json.ts'
import { matchesGlob, MAX_MATCHED_CHARACTERS } from './glob.ts'
import { type Budget, parsePlace, type Place, someAt, spend } from './place.ts'
import {
  below,
  readFlag,
  readList,
  readNumber,
  readObject,
  readScalar,
  readText,
  refuse,
  type Source,
} from './rule-reader.ts'

/** A condition, ready to be asked of a body. */
export type Condition = (root: JsonValue | undefined, budget: Budget) => boolean

type Test = (value: JsonValue | undefined, budget: Budget) => boolean

const MAX_DEPTH = 4
const MAX_BRANCHES = 50
const MAX_PATH_CHARACTERS = 500
const MAX_PATTERN_CHARACTERS = 128
/** A comparison of long texts costs as much as looking at several values. */
const CHARACTERS_PER_VISIT = 1024

/** The operators of a place, each read from the file into a test of one value. */
const OPERATORS: Readonly<Record<string, (source: Source) => Test | undefined>> = {
  exists: (source) => {
    const wanted = readFlag(source)
    return wanted === undefined ? undefined : (value) => (value !== undefined) === wanted
  },
  eq: (source) => equals(readScalar(source)),
  // `ne` is read here for its value; `compilePlace` asks it of all values at once.
  ne: (source) => equals(readScalar(source)),
  in: (source) => {
    const tests = readList(source, { min: 1, max: MAX_BRANCHES }).map((each) => equals(readScalar(each)))
    return (value, budget) => tests.some((test) => test?.(value, budget) === true)
  },
  gt: (source) => {
    const bound = readNumber(source)
    return bound === undefined ? undefined : (value) => typeof value === 'number' && value > bound
  },
  lt: (source) => {
    const bound = readNumber(source)
    return bound === undefined ? undefined : (value) => typeof value === 'number' && value < bound
  },
  matches: (source) => {
    const pattern = readText(source, MAX_PATTERN_CHARACTERS)
    return pattern === undefined ? undefined : (value, budget) => matchesText(value, pattern, budget)
  },
}

/** Reads a condition; mistakes are noted in the source. */
export function compileCondition(source: Source, depth = 1): Condition | undefined {
  if (depth > MAX_DEPTH) return refuse(source, `conditions are nested more than ${MAX_DEPTH} levels deep`)
  if (!isJsonObject(source.value)) return refuse(source, 'must be an object with path, all, any or not')
  const kind = ['all', 'any', 'not'].find((name) => isJsonObject(source.value) && Object.hasOwn(source.value, name))
  if (kind === undefined) return compilePlace(source)
  readObject(source, [kind])
  if (kind === 'not') return negate(compileCondition(below(source, kind), depth + 1))
  const branches = readList(below(source, kind), { min: 1, max: MAX_BRANCHES }).map((branch) =>
    compileCondition(branch, depth + 1),
  )
  const known = branches.filter((branch) => branch !== undefined)
  if (kind === 'all') return (root, budget) => known.every((branch) => branch(root, budget))
  return (root, budget) => known.some((branch) => branch(root, budget))
}

/** Reads a path; mistakes are noted in the source. */
export function compilePath(source: Source): Place | undefined {
  if (typeof source.value === 'string' && source.value.length <= MAX_PATH_CHARACTERS) {
    const parsed = parsePlace(source.value)
    return 'place' in parsed ? parsed.place : refuse(source, parsed.trouble)
  }
  return refuse(source, `must be a JSON Pointer of at most ${MAX_PATH_CHARACTERS} characters`)
}

function compilePlace(source: Source): Condition | undefined {
  const names = Object.keys(OPERATORS)
  const object = readObject(source, ['path', ...names])
  const place = compilePath(below(source, 'path'))
  const used = names.filter((name) => object !== undefined && Object.hasOwn(object, name))
  if (used.length === 0) return refuse(source, `says nothing of the value; add one of ${names.join(', ')}`)
  const conditions = used.map((name) => {
    const test = OPERATORS[name]?.(below(source, name))
    return test === undefined || place === undefined ? undefined : atPlace(place, name, test)
  })
  const known = conditions.filter((condition) => condition !== undefined)
  return (root, budget) => known.every((condition) => condition(root, budget))
}

function atPlace(place: Place, name: string, test: Test): Condition {
  const some: Condition = (root, budget) => someAt(root, place, { budget, test: (value) => test(value, budget) })
  return name === 'ne' ? (root, budget) => !some(root, budget) : some
}

function negate(condition: Condition | undefined): Condition | undefined {
  return condition === undefined ? undefined : (root, budget) => !condition(root, budget)
}

function equals(wanted: JsonValue | undefined): Test | undefined {
  return wanted === undefined ? undefined : (value) => value === wanted
}

function matchesText(value: JsonValue | undefined, pattern: string, budget: Budget): boolean {
  if (typeof value !== 'string') return false
  const cost = Math.ceil((Math.min(value.length, MAX_MATCHED_CHARACTERS) * pattern.length) / CHARACTERS_PER_VISIT)
  return spend(budget, cost) && matchesGlob(value, pattern)
}
