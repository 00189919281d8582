import { isJsonObject, type JsonObject } from '../model/json.ts'
import { below, readChoice, readList, readObject, readText, refuse, type Source } from './rule-reader.ts'
import type { RulePhase, RuleTest } from './rule-set.ts'

const MAX_TESTS = 200

/** Reads the test cases of a file; mistakes are noted in the source. */
export function readTests(source: Source, phases: readonly RulePhase[]): readonly RuleTest[] {
  const list = below(source, 'tests')
  if (list.value === undefined) return []
  return readList(list, { min: 0, max: MAX_TESTS })
    .map((test) => readTest(test, phases))
    .filter((test) => test !== undefined)
}

function readTest(source: Source, phases: readonly RulePhase[]): RuleTest | undefined {
  if (readObject(source, ['name', 'phase', 'context', 'input', 'expect']) === undefined) return undefined
  const name = readText(below(source, 'name'), 200)
  const phase = readChoice(below(source, 'phase'), phases)
  const input = readAnyObject(below(source, 'input'))
  const expectation = readObject(below(source, 'expect'), ['body', 'applied', 'headers', 'rejected'])
  if (expectation !== undefined && Object.keys(expectation).length === 0)
    refuse(below(source, 'expect'), 'expects nothing; name body, applied, headers or rejected')
  const context = below(source, 'context')
  if (context.value !== undefined) readObject(context, ['client', 'upstream', 'model', 'stream', 'event'])
  if (name === undefined || phase === undefined || input === undefined || expectation === undefined) return undefined
  // The members were named above; `runRuleTests` compares values and trusts no type of theirs.
  return { name, phase, input, expect: expectation, context: context.value } as RuleTest
}

function readAnyObject(source: Source): JsonObject | undefined {
  return isJsonObject(source.value) ? source.value : refuse(source, 'must be an object: the body of the test')
}
