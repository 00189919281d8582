import { compileRules, runRuleTests } from '@relay/format-converter/rules'
import type { CompiledRules } from '@relay/format-converter/rules'
import { findNodeAtLocation, parseTree } from 'jsonc-parser'

/** What is wrong with a text of rules, and where. */
export interface RuleMistake {
  /** JSON Pointer; empty for the whole text. */
  readonly path: string
  /** From 1; `undefined` where it cannot be told. */
  readonly line: number | undefined
  readonly message: string
}

/** A test case that is kept with the rules, and how it went. */
export interface RuleTestOutcome {
  readonly name: string
  readonly ok: boolean
  readonly troubles: readonly string[]
}

/** What a text of rules is worth. */
export interface RuleCheck {
  /** `undefined` for an empty text and for one with mistakes. */
  readonly source: Readonly<Record<string, unknown>> | undefined
  readonly rules: CompiledRules | undefined
  readonly mistakes: readonly RuleMistake[]
  readonly tests: readonly RuleTestOutcome[]
}

/** Checks what is being written, with the compiler that the relay uses. */
export function checkRules(text: string): RuleCheck {
  const nothing = { source: undefined, rules: undefined, tests: [] }
  if (text.trim() === '') return { ...nothing, mistakes: [] }
  let source: unknown
  try {
    source = JSON.parse(text)
  } catch (error) {
    return { ...nothing, mistakes: [syntaxMistake(text, error)] }
  }
  const compiled = compileRules(source)
  if (!compiled.ok) {
    const mistakes = compiled.errors.map(({ path, message }) => ({ path, message, line: lineOf(text, path) }))
    return { ...nothing, mistakes }
  }
  const { rules } = compiled
  // The compiler takes objects only.
  return { source: source as Readonly<Record<string, unknown>>, rules, mistakes: [], tests: runRuleTests(rules) }
}

/** The browser's own words; some name the position, from which the line is counted. */
function syntaxMistake(text: string, error: unknown): RuleMistake {
  const message = error instanceof Error ? error.message : String(error)
  const position = /position (\d+)/.exec(message)?.[1]
  return { path: '', message, line: position === undefined ? undefined : lineAt(text, Number(position)) }
}

/** The line on which the value of a place begins, or the nearest one around it. */
function lineOf(text: string, pointer: string): number | undefined {
  const tree = parseTree(text)
  if (tree === undefined) return undefined
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
  for (let length = steps.length; length >= 0; length -= 1) {
    const node = findNodeAtLocation(tree, steps.slice(0, length))
    if (node !== undefined) return lineAt(text, node.offset)
  }
  return undefined
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
