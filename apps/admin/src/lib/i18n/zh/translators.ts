import { createTranslator } from '../sentences.ts'
import { accountSteps } from './account-steps.ts'
import { ruleMistakes } from './rule-mistakes.ts'

/** Sentences of the relay in Chinese. */
export const translators = {
  ruleMistake: createTranslator(ruleMistakes),
  accountStep: createTranslator(accountSteps),
}

/** By what they are about. */
export type Translators = typeof translators
