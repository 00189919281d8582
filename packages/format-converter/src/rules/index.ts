/**
 * Custom conversion rules: a small language for what the conversion did not foresee.
 *
 * @packageDocumentation
 */
export { compileRules, RULE_PHASES } from './compile-rules.ts'
export type { CompileResult } from './compile-rules.ts'
export { combineRules, skippedRules } from './compiled-rules.ts'
export type {
  CompiledRules,
  RuleContext,
  RuleOutcome,
  RuleRejection,
  RuleRunner,
  RuleSource,
} from './compiled-rules.ts'
export { recompileRules } from './recompile-rules.ts'
export { dryRun, runRuleTests } from './dry-run.ts'
export type { DryRun, DryRunInput, RuleTestResult } from './dry-run.ts'
export type { RuleFigures, RuleStopwatch } from './rule-meter.ts'
export type { RuleError } from './rule-reader.ts'
export type * from './rule-set.ts'
