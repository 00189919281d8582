import { createTranslator } from '../sentences.ts'
import { accountSteps } from './account-steps.ts'
import { accountTroubles } from './account-troubles.ts'
import { conversionTroubles } from './conversion-troubles.ts'
import { deliveries } from './deliveries.ts'
import { failureKinds } from './failure-kinds.ts'
import { ruleMistakes } from './rule-mistakes.ts'
import { workTroubles } from './work-troubles.ts'

/** Sentences of the relay in Chinese. */
export const translators = {
  ruleMistake: createTranslator(ruleMistakes),
  accountStep: createTranslator(accountSteps),
  delivery: createTranslator([...deliveries, ...accountSteps]),
  /** Trouble on the wire is told in the words of a step. */
  accountTrouble: createTranslator([...accountTroubles, ...accountSteps]),
  failureKind: createTranslator(failureKinds),
  /** Of an answer that is none more is told in the words of an account's trouble. */
  conversionTrouble: createTranslator([...accountTroubles, ...conversionTroubles]),
  workTrouble: createTranslator(workTroubles),
}

/** By what they are about. */
export type Translators = typeof translators
