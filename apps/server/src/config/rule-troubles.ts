import { compileRules } from '@relay/format-converter/rules'

/** What is wrong with custom conversion rules. */
export interface RuleTrouble {
  /** Inside the rules: `rules[0].ops[1].path`. */
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Asks the converter whether it could run these rules; none (`{}`) are fine. */
export function ruleTroubles(rules: Readonly<Record<string, unknown>> | undefined): readonly RuleTrouble[] {
  if (rules === undefined || Object.keys(rules).length === 0) return []
  const compiled = compileRules(rules)
  return compiled.ok ? [] : compiled.errors.map(({ path, message }) => ({ path: segmentsOf(path), message }))
}

/** The segments of a JSON Pointer, indexes as numbers. */
function segmentsOf(pointer: string): readonly PropertyKey[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment))
}
