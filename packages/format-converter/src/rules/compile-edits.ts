import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.ts'
import { compileCondition, compilePath } from './compile-condition.ts'
import { type Change, EACH, type Place, valueAt, withMember } from './place.ts'
import { below, readChoice, readNumber, readScalar, refuse } from './rule-reader.ts'
import type { JsonScalar } from './rule-set.ts'
import { edit, type OperationSource, type Step } from './run.ts'
import { isSameJson } from './same-json.ts'

const MAX_TEXT_CHARACTERS = 512
const MAX_MAP_ENTRIES = 200

/** An operation that writes the same value wherever it acts. */
export function compileWrite(source: OperationSource, changeFor: (value: JsonValue) => Change): Step | undefined {
  const { value } = below(source, 'value')
  if (value === undefined) return refuse(below(source, 'value'), 'is missing')
  return compileEdit(source, (place) => source.guard.write(place, value), changeFor(value))
}

/** An operation that changes what stands at a place, if the guard lets it. */
export function compileEdit(
  source: OperationSource,
  judge: (place: Place) => string | undefined,
  change: Change,
): Step | undefined {
  const place = judgedPlace(source, judge)
  return place === undefined ? undefined : (run) => edit(run, { place, change, guard: source.guard })
}

function judgedPlace(source: OperationSource, judge: (place: Place) => string | undefined): Place | undefined {
  const at = below(source, 'path')
  const place = compilePath(at)
  const trouble = place === undefined ? undefined : judge(place)
  return trouble === undefined ? place : refuse(at, trouble)
}

/** `clamp`: keeps a number within bounds. */
export function compileClamp(source: OperationSource): Step | undefined {
  const [min, max] = ['min', 'max'].map((name) => {
    const bound = below(source, name)
    return bound.value === undefined ? undefined : readNumber(bound)
  })
  if (min === undefined && max === undefined) return refuse(source, 'clamp needs min, max, or both')
  if (min !== undefined && max !== undefined && min > max) return refuse(source, `min ${min} is above max ${max}`)
  const clamp: Change = (old) =>
    typeof old === 'number' ? Math.min(max ?? Infinity, Math.max(min ?? -Infinity, old)) : old
  return compileEdit(source, (place) => source.guard.write(place, 0), clamp)
}

/** `mapValue`: replaces scalars by others. */
export function compileMapValue(source: OperationSource): Step | undefined {
  const at = below(source, 'map')
  if (!isJsonObject(at.value)) return refuse(at, 'must be an object from old values to new ones')
  const names = Object.keys(at.value)
  if (names.length > MAX_MAP_ENTRIES) return refuse(at, `has more than ${MAX_MAP_ENTRIES} entries`)
  const map = new Map<string, JsonScalar>()
  for (const name of names) {
    const value = readScalar(below(at, name))
    if (value !== undefined) map.set(name, value)
  }
  const other = below(source, 'else').value === undefined ? undefined : readScalar(below(source, 'else'))
  const change: Change = (old) => {
    if (old === undefined || (typeof old === 'object' && old !== null)) return old
    const mapped = map.get(String(old))
    if (mapped !== undefined) return mapped
    return other === undefined ? old : other
  }
  const written = [...map.values(), ...(other === undefined ? [] : [other])]
  if (written.length === 0) return refuse(at, 'maps nothing; name at least one value')
  return compileEdit(source, (place) => firstTrouble(written, (value) => source.guard.write(place, value)), change)
}

function firstTrouble(
  values: readonly JsonScalar[],
  judge: (value: JsonScalar) => string | undefined,
): string | undefined {
  return values.map(judge).find((trouble) => trouble !== undefined)
}

interface Transfer {
  readonly from: Place
  readonly to: Place
}

function readTransfer(source: OperationSource): Transfer | undefined {
  const from = compilePath(below(source, 'path'))
  const to = compilePath(below(source, 'to'))
  if (from === undefined || to === undefined) return undefined
  const trouble = source.guard.transfer(from, to)
  return trouble === undefined ? { from, to } : refuse(source, trouble)
}

/** `rename`: gives a member another name in the same object. */
export function compileRename(source: OperationSource): Step | undefined {
  const transfer = readTransfer(source)
  if (transfer === undefined) return undefined
  const parent = transfer.from.slice(0, -1)
  const [name, other] = [transfer.from.at(-1), transfer.to.at(-1)]
  const isSibling =
    parent.length === transfer.to.length - 1 && parent.every((segment, at) => segment === transfer.to[at])
  if (!isSibling || typeof name !== 'string' || typeof other !== 'string' || name === other)
    return refuse(below(source, 'to'), 'must name another member of the same object; use move for another place')
  const change: Change = (owner) => {
    if (!isJsonObject(owner) || !Object.hasOwn(owner, name)) return owner
    const value = owner[name] ?? null
    return source.guard.holdsWords(value) ? owner : withMember(withMember(owner, name, undefined), other, value)
  }
  return (run) => edit(run, { place: parent, change, guard: source.guard })
}

/** `move` and `copy`: puts what stands at one place at another one. */
export function compileTransfer(source: OperationSource, isMove: boolean): Step | undefined {
  const transfer = readTransfer(source)
  if (transfer === undefined) return undefined
  const { from, to } = transfer
  if ([...from, ...to].includes(EACH)) return refuse(source, 'neither path nor to may hold "*"; rename takes one')
  if (from.every((segment, at) => segment === to[at])) return refuse(below(source, 'to'), 'must not lie within path')
  return (run) => {
    const value = valueAt(run.body, from)
    if (value === undefined || source.guard.holdsWords(value)) return
    const before = run.body
    edit(run, { place: to, change: () => value, guard: source.guard })
    if (isMove && run.body !== before) edit(run, { place: from, change: () => undefined, guard: source.guard })
  }
}

/** `filterArray`: keeps the elements for which a condition holds. */
export function compileFilter(source: OperationSource): Step | undefined {
  const place = judgedPlace(source, (candidate) => source.guard.shorten(candidate))
  const where = compileCondition(below(source, 'where'))
  if (place === undefined || where === undefined) return undefined
  return (run) => {
    const change: Change = (list) => {
      if (!isJsonArray(list)) return list
      const kept = list.filter((element) => where(element, run.budget))
      return kept.length === list.length ? list : kept
    }
    edit(run, { place, change, guard: source.guard })
  }
}

/** `limitArray`: keeps the first or the last elements. */
export function compileLimit(source: OperationSource): Step | undefined {
  const max = readNumber(below(source, 'max'))
  if (max === undefined) return undefined
  if (!Number.isInteger(max) || max < 0) return refuse(below(source, 'max'), 'must be a whole number, not below 0')
  const kept = below(source, 'keep')
  const keep = kept.value === undefined ? 'first' : readChoice(kept, ['first', 'last'])
  const change: Change = (list) => {
    if (!isJsonArray(list) || list.length <= max) return list
    return keep === 'last' ? list.slice(list.length - max) : list.slice(0, max)
  }
  return compileEdit(source, (place) => source.guard.shorten(place), change)
}

/** The change of `set`. A value that is there already is no change. */
export function replaceBy(value: JsonValue): Change {
  return (old) => (isSameJson(old, value) ? old : value)
}

/** The change of `append` and `prepend`: a list gets one more element, a text some more characters; anything else stays. */
export function joinWith(value: JsonValue, side: 'before' | 'after'): Change {
  return (old) => {
    if (isJsonArray(old)) return side === 'before' ? [value, ...old] : [...old, value]
    if (typeof old !== 'string' || typeof value !== 'string') return old
    const text = side === 'before' ? value + old : old + value
    return text.length <= MAX_TEXT_CHARACTERS ? text : old
  }
}
