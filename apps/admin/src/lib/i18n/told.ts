import { i18n } from './i18n.svelte.ts'
import { createTranslator } from './sentences.ts'
import { accountSteps } from './zh/account-steps.ts'
import { ruleMistakes } from './zh/rule-mistakes.ts'

const inChinese = { ruleMistake: createTranslator(ruleMistakes), accountStep: createTranslator(accountSteps) }

/** A sentence of the relay, whose words are English, in the reader's language. */
export function told(kind: keyof typeof inChinese, sentence: string): string {
  return i18n.language === 'zh' ? inChinese[kind](sentence) : sentence
}
