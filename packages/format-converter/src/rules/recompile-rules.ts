import { compileRules } from './compile-rules.ts'
import { combineRules, type CompiledRules, type RuleSource, skippedRules } from './compiled-rules.ts'

/** The rules that were compiled from these sources, where they cannot be had themselves: in another thread. */
export function recompileRules(sources: readonly RuleSource[]): CompiledRules | undefined {
  return combineRules(...sources.map(recompile))
}

function recompile(source: RuleSource): CompiledRules {
  if (source.type === 'skipped') return skippedRules(source.message)
  const compiled = compileRules(source.file)
  return compiled.ok ? compiled.rules : skippedRules('the rules cannot be compiled again')
}
