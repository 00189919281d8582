import { isJsonObject } from '../model/json.ts'
import { compileCondition, type Condition } from './compile-condition.ts'
import {
  compileClamp,
  compileEdit,
  compileFilter,
  compileLimit,
  compileMapValue,
  compileRename,
  compileTransfer,
  compileWrite,
  joinWith,
  replaceBy,
} from './compile-edits.ts'
import { dropFromAnswer, dropFromEvent, dropFromRequest } from './drop-blocks.ts'
import { headerTrouble } from './header-names.ts'
import { below, readChoice, readNumber, readObject, readText, refuse, type Source } from './rule-reader.ts'
import type { DroppableKind, RuleOperation, RulePhase } from './rule-set.ts'
import type { OperationSource, Step } from './run.ts'

interface Operation {
  readonly members: readonly string[]
  readonly phases: readonly RulePhase[]
  readonly compile: (source: OperationSource) => Step | undefined
}

const BODIES: readonly RulePhase[] = ['request.client', 'request.upstream', 'response']
const REQUESTS: readonly RulePhase[] = ['request.client', 'request.upstream']
const DROPPABLE: readonly DroppableKind[] = ['reasoning', 'image', 'document', 'audio']
const MAX_MESSAGE_CHARACTERS = 200

const OPERATIONS: { readonly [Name in RuleOperation['op']]: Operation } = {
  set: {
    members: ['path', 'value'],
    phases: [...BODIES, 'request.ir', 'event', 'error'],
    compile: (source) => compileWrite(source, replaceBy),
  },
  default: {
    members: ['path', 'value'],
    phases: BODIES,
    compile: (source) => compileWrite(source, (value) => (old) => (old === undefined ? value : old)),
  },
  append: {
    members: ['path', 'value'],
    phases: BODIES,
    compile: (source) => compileWrite(source, (value) => joinWith(value, 'after')),
  },
  prepend: {
    members: ['path', 'value'],
    phases: BODIES,
    compile: (source) => compileWrite(source, (value) => joinWith(value, 'before')),
  },
  remove: {
    members: ['path'],
    phases: [...BODIES, 'event'],
    compile: (source) =>
      compileEdit(
        source,
        (place) => source.guard.remove(place),
        () => undefined,
      ),
  },
  clamp: { members: ['path', 'min', 'max'], phases: BODIES, compile: compileClamp },
  round: {
    members: ['path'],
    phases: BODIES,
    compile: (source) =>
      compileEdit(
        source,
        (place) => source.guard.write(place, 0),
        (old) => (typeof old === 'number' ? Math.round(old) : old),
      ),
  },
  mapValue: { members: ['path', 'map', 'else'], phases: [...BODIES, 'event', 'error'], compile: compileMapValue },
  rename: { members: ['path', 'to'], phases: BODIES, compile: compileRename },
  move: { members: ['path', 'to'], phases: BODIES, compile: (source) => compileTransfer(source, true) },
  copy: { members: ['path', 'to'], phases: BODIES, compile: (source) => compileTransfer(source, false) },
  filterArray: { members: ['path', 'where'], phases: BODIES, compile: compileFilter },
  limitArray: { members: ['path', 'max', 'keep'], phases: BODIES, compile: compileLimit },
  dropBlocks: { members: ['kind'], phases: [...BODIES, 'event'], compile: compileDrop },
  'header.set': { members: ['name', 'value'], phases: ['request.upstream'], compile: compileHeaderSet },
  'header.remove': { members: ['name'], phases: ['request.upstream'], compile: compileHeaderRemove },
  warn: {
    members: ['message'],
    phases: BODIES,
    compile: (source) => {
      const message = readText(below(source, 'message'), MAX_MESSAGE_CHARACTERS)
      return (run) => {
        run.hasActed = true
        run.warning ??= message
      }
    },
  },
  reject: { members: ['message', 'status'], phases: REQUESTS, compile: compileReject },
}

/** Every name of an operation, as they are documented. */
export const OPERATION_NAMES: readonly string[] = Object.keys(OPERATIONS)

/** Reads one operation; mistakes are noted in the source. */
export function compileOperation(source: OperationSource): Step | undefined {
  const { value, phase } = source
  if (!isJsonObject(value)) return refuse(source, 'must be an object with op')
  const name = readChoice(below(source, 'op'), OPERATION_NAMES)
  if (name === undefined) return undefined
  const operation = OPERATIONS[name as RuleOperation['op']] // one of the table's own names, read on the line above
  if (!operation.phases.includes(phase)) {
    return refuse(
      below(source, 'op'),
      `${name} does not work in the phase ${phase}, only in ${operation.phases.join(', ')}`,
    )
  }
  readObject(source, ['op', 'if', ...operation.members])
  const step = operation.compile(source)
  const condition = Object.hasOwn(value, 'if') ? compileCondition(below(source, 'if')) : undefined
  return step === undefined || condition === undefined ? step : onlyIf(condition, step)
}

function onlyIf(condition: Condition, step: Step): Step {
  return (run) => {
    if (condition(run.body, run.budget)) step(run)
  }
}

function compileDrop(source: OperationSource): Step | undefined {
  const { phase } = source
  const isRequest = REQUESTS.includes(phase)
  const kind = readChoice(below(source, 'kind'), isRequest ? DROPPABLE : ['reasoning'])
  if (kind === undefined) return undefined
  return (run) => {
    const format = phase === 'request.upstream' ? run.context.upstream : run.context.client
    const request = { format, kind, budget: run.budget }
    if (phase === 'event') {
      const { event, hasActed } = dropFromEvent(run.body, request, run.memory)
      run.hasActed ||= hasActed
      run.body = event
      return
    }
    const body = isRequest ? dropFromRequest(run.body, request) : dropFromAnswer(run.body, request)
    run.hasActed ||= body !== run.body
    run.body = body
  }
}

function compileHeaderSet(source: OperationSource): Step | undefined {
  const name = readHeaderName(source)
  const at = below(source, 'value')
  const value = readText(at, 1024)
  if (name === undefined || value === undefined) return undefined
  if (!/^[\t\x20-\x7e]*$/.test(value)) return refuse(at, 'must be printable ASCII')
  return (run) => {
    run.headers.set(name, value)
    run.hasActed = true
  }
}

function compileHeaderRemove(source: OperationSource): Step | undefined {
  const name = readHeaderName(source)
  if (name === undefined) return undefined
  return (run) => {
    run.headers.set(name, undefined)
    run.hasActed = true
  }
}

function readHeaderName(source: OperationSource): string | undefined {
  const at = below(source, 'name')
  const name = readText(at, 100)?.toLowerCase()
  const trouble = name === undefined ? undefined : headerTrouble(name)
  return trouble === undefined ? name : refuse(at, trouble)
}

function readStatus(source: Source): number | undefined {
  const status = readNumber(source)
  if (status === undefined || (Number.isInteger(status) && status >= 400 && status <= 499)) return status
  return refuse(source, `must be a status from 400 to 499, not ${status}`)
}

function compileReject(source: OperationSource): Step | undefined {
  const message = readText(below(source, 'message'), MAX_MESSAGE_CHARACTERS)
  const at = below(source, 'status')
  const status = at.value === undefined ? 400 : readStatus(at)
  if (message === undefined || status === undefined) return undefined
  return (run) => {
    run.hasActed = true
    run.rejection = { status, message }
  }
}
