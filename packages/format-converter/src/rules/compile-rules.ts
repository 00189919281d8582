import type { FormatName } from '../model/format-name.ts'
import { isJsonArray, type JsonValue } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import { answerGuard } from './answer-guard.ts'
import { shapeTrouble } from './body-shape.ts'
import { compileOperation } from './compile-operation.ts'
import type { CompiledRules, RuleContext, RuleOutcome } from './compiled-rules.ts'
import type { StreamMemory } from './drop-blocks.ts'
import { errorGuard } from './error-guard.ts'
import { matchesGlob } from './glob.ts'
import type { PlaceGuard } from './place-guard.ts'
import { promptGuard } from './prompt-guard.ts'
import { readTests } from './read-tests.ts'
import {
  below,
  readChoice,
  readFlag,
  readList,
  readObject,
  readText,
  readTexts,
  refuse,
  type RuleError,
  type Source,
} from './rule-reader.ts'
import type { RulePhase } from './rule-set.ts'
import type { Run, Step } from './run.ts'
import { switchGuard } from './switches.ts'

const MAX_RULES = 100
const MAX_OPERATIONS = 1000
const MAX_FILE_BYTES = 64 * 1024
const MAX_DEPTH = 32
/** Values that one rule may look at in one body. */
const MAX_VISITS = 10_000

const FORMATS: readonly FormatName[] = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini']

const GUARDS: { readonly [Phase in RulePhase]: PlaceGuard } = {
  'request.client': promptGuard,
  'request.ir': switchGuard,
  'request.upstream': promptGuard,
  response: answerGuard,
  event: answerGuard,
  error: errorGuard,
}

/** The phases of the language, in the order of an exchange. */
export const RULE_PHASES: readonly RulePhase[] = [
  'request.client',
  'request.ir',
  'request.upstream',
  'response',
  'event',
  'error',
]

/** Rules ready to run, or every mistake in them with its place. */
export type CompileResult =
  | { readonly ok: true; readonly rules: CompiledRules }
  | { readonly ok: false; readonly errors: readonly RuleError[] }

interface CompiledRule {
  readonly id: string
  readonly phase: RulePhase
  readonly fits: (context: RuleContext, event: string | undefined) => boolean
  readonly steps: readonly Step[]
}

/**
 * Checks a file of rules and makes it ready to run. Nothing of the file is parsed again at request time, and later changes
 * of the given object have no effect.
 *
 * @param json - the parsed file; anything at all
 * @returns the rules, or every mistake with its place (at most 50)
 */
export function compileRules(json: unknown): CompileResult {
  const errors: RuleError[] = []
  const file = copyOf(json)
  if ('trouble' in file) return { ok: false, errors: [{ path: '', message: file.trouble }] }
  const source: Source = { value: file.value, path: '', errors }
  if (readObject(source, ['$schema', 'version', 'rules', 'tests']) !== undefined) {
    readChoice(below(source, 'version'), [1])
    if (below(source, '$schema').value !== undefined) readText(below(source, '$schema'), 500)
  }
  const compiled = errors.length > 0 ? [] : readRules(source)
  const tests = errors.length > 0 ? [] : readTests(source, RULE_PHASES)
  if (errors.length > 0) return { ok: false, errors }
  const rules = compiled.filter((rule) => rule !== undefined)
  const phases = new Set(rules.map(({ phase }) => phase))
  return {
    ok: true,
    rules: {
      ids: rules.map(({ id }) => id),
      tests,
      phases,
      sources: [{ type: 'file', file: file.value }],
      select: selector(rules),
    },
  }
}

/** The file as plain data: small, not deep, and nobody else's. */
function copyOf(json: unknown): { readonly value: JsonValue } | { readonly trouble: string } {
  try {
    const text = JSON.stringify(json) as string | undefined // `undefined` for what is no JSON at all
    if (text === undefined) return { trouble: 'the rules must be a JSON object' }
    const { length } = new TextEncoder().encode(text)
    if (length > MAX_FILE_BYTES)
      return { trouble: `the rules have ${length} bytes as JSON, allowed are ${MAX_FILE_BYTES}` }
    const value = JSON.parse(text) as JsonValue // what JSON.stringify wrote
    return isShallow(value, 0) ? { value } : { trouble: `the rules are nested more than ${MAX_DEPTH} levels deep` }
  } catch {
    return { trouble: 'the rules are no JSON: they hold a cycle, are nested too deeply, or cannot be written' }
  }
}

function isShallow(value: JsonValue | undefined, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  const children = isJsonArray(value) ? value : Object.values(value)
  return depth < MAX_DEPTH && children.every((child) => isShallow(child, depth + 1))
}

function readRules(source: Source): readonly (CompiledRule | undefined)[] {
  const rules = readList(below(source, 'rules'), { min: 0, max: MAX_RULES })
  const operations = rules.map((rule) => below(rule, 'ops').value).filter(isJsonArray)
  const count = operations.reduce((sum, ops) => sum + ops.length, 0)
  if (count > MAX_OPERATIONS) refuse(below(source, 'rules'), `have ${count} ops, allowed are ${MAX_OPERATIONS}`)
  const seen = new Map<string, string>()
  return rules.map((rule) => readRule(rule, seen))
}

/** @returns `undefined` for a rule that is switched off, and for one with mistakes */
function readRule(source: Source, seen: Map<string, string>): CompiledRule | undefined {
  if (readObject(source, ['id', 'description', 'enabled', 'phase', 'when', 'ops']) === undefined) return undefined
  const id = readId(below(source, 'id'), seen)
  if (below(source, 'description').value !== undefined) readText(below(source, 'description'), 500)
  const enabled = below(source, 'enabled')
  const isEnabled = enabled.value === undefined ? true : readFlag(enabled)
  const phase = readChoice(below(source, 'phase'), RULE_PHASES)
  const fits = readScope(below(source, 'when'), phase)
  if (phase === undefined) return undefined
  const steps = readList(below(source, 'ops'), { min: 1, max: MAX_OPERATIONS }).map((operation) =>
    compileOperation({ ...operation, phase, guard: GUARDS[phase] }),
  )
  const known = steps.filter((step) => step !== undefined)
  return id === undefined || isEnabled !== true ? undefined : { id, phase, fits, steps: known }
}

function readId(source: Source, seen: Map<string, string>): string | undefined {
  const id = readText(source, 64)
  if (id === undefined) return undefined
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id))
    return refuse(source, 'must begin with a letter or a digit, and hold letters, digits, ".", "_" and "-" only')
  const earlier = seen.get(id)
  if (earlier !== undefined) return refuse(source, `${JSON.stringify(id)} is the id of ${earlier} too; ids are unique`)
  seen.set(id, source.path.slice(0, -'/id'.length))
  return id
}

function readScope(source: Source, phase: RulePhase | undefined): CompiledRule['fits'] {
  if (source.value === undefined) return () => true
  const members = ['client', 'upstream', 'model', 'stream', ...(phase === 'event' ? ['event'] : [])]
  if (readObject(source, members) === undefined) return () => false
  const clients = readFormats(below(source, 'client'))
  const upstreams = readFormats(below(source, 'upstream'))
  const models = readPatterns(below(source, 'model'))
  const events = readPatterns(below(source, 'event'))
  const streamed = below(source, 'stream')
  const stream = streamed.value === undefined ? undefined : readFlag(streamed)
  return (context, event) =>
    (clients?.includes(context.client) ?? true) &&
    (upstreams?.includes(context.upstream) ?? true) &&
    (stream === undefined || stream === context.isStream) &&
    fitsOne(models, context.model) &&
    fitsOne(events, event)
}

function readFormats(source: Source): readonly FormatName[] | undefined {
  if (source.value === undefined) return undefined
  const read = readList(source, { min: 1, max: FORMATS.length }).map((each) => readChoice(each, FORMATS))
  return read.filter((format) => format !== undefined)
}

function readPatterns(source: Source): readonly string[] | undefined {
  return source.value === undefined ? undefined : readTexts(source, 128)
}

function fitsOne(patterns: readonly string[] | undefined, text: string | undefined): boolean {
  if (patterns === undefined) return true
  return text !== undefined && patterns.some((pattern) => matchesGlob(text, pattern))
}

function selector(rules: readonly CompiledRule[]): CompiledRules['select'] {
  return (phase, context, event) => {
    const chosen = rules.filter((rule) => rule.phase === phase && rule.fits(context, event))
    return chosen.length === 0 ? undefined : (body, memory) => runSet(chosen, { context, phase, body, memory })
  }
}

interface Task {
  readonly context: RuleContext
  readonly phase: RulePhase
  readonly body: RuleOutcome['body']
  readonly memory?: StreamMemory | undefined
}

function runSet(rules: readonly CompiledRule[], task: Task): RuleOutcome {
  let outcome: RuleOutcome = { body: task.body, headers: new Map(), applied: [], losses: [] }
  for (const rule of rules) {
    const run = timeRule(rule, outcome, task)
    if (run.budget.left < 0) {
      outcome = withSkip(outcome, rule, `looks at more than ${MAX_VISITS} values of this body`)
      continue
    }
    if (!run.hasActed) continue
    const trouble = brokenMember(task, run)
    // A set whose rules build on each other is done whole or not at all.
    if (trouble !== undefined)
      return withSkip(untouched(task), rule, `would leave ${trouble} wrong; its set was not applied`)
    outcome = {
      body: run.body,
      headers: run.headers,
      applied: [...outcome.applied, rule.id],
      losses: [...outcome.losses, applied(rule, run.warning)],
      rejection: run.rejection === undefined ? undefined : { rule: rule.id, ...run.rejection },
    }
    if (outcome.rejection !== undefined) break
  }
  return outcome
}

function timeRule(rule: CompiledRule, outcome: RuleOutcome, task: Task): Run {
  const { stopwatch } = task.context
  if (stopwatch === undefined) return runRule(rule, outcome, task)
  const startedAt = stopwatch.clock()
  const run = runRule(rule, outcome, task)
  stopwatch.note(rule.id, stopwatch.clock() - startedAt)
  return run
}

function runRule({ steps }: CompiledRule, { body, headers }: RuleOutcome, { context, memory }: Task): Run {
  const run: Run = {
    body,
    context,
    budget: { left: MAX_VISITS },
    headers: new Map(headers),
    memory: memory ?? { droppedIndexes: new Set(), droppedEvents: 0 },
    hasActed: false,
    warning: undefined,
    rejection: undefined,
  }
  for (const step of steps) if (run.rejection === undefined) step(run)
  return run
}

/** The member that a rule has broken; one that was wrong before is the client's. */
function brokenMember({ phase, context, body }: Task, run: Run): string | undefined {
  if (phase !== 'request.client' && phase !== 'request.upstream') return undefined
  const format = phase === 'request.client' ? context.client : context.upstream
  const trouble = run.body === body ? undefined : shapeTrouble(format, run.body)
  return trouble === undefined || shapeTrouble(format, body) !== undefined ? undefined : trouble
}

function untouched({ body }: Task): RuleOutcome {
  return { body, headers: new Map(), applied: [], losses: [] }
}

function applied({ id, phase }: CompiledRule, warning: string | undefined): LossReport {
  const message = warning === undefined ? `rule ${id} acted in ${phase}` : `rule ${id}: ${warning}`
  return { code: 'rule_applied', level: 'info', path: '', message, detail: { value: id } }
}

function withSkip(outcome: RuleOutcome, { id }: CompiledRule, reason: string): RuleOutcome {
  const message = `rule ${id} ${reason}`
  const loss: LossReport = { code: 'rule_skipped', level: 'info', path: '', message, detail: { value: id } }
  return { ...outcome, losses: [...outcome.losses, loss] }
}
