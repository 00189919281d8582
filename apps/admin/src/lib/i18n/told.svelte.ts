import { i18n } from './i18n.svelte.ts'
import type { Translators } from './zh/translators.ts'

/** Loaded with the first sentence that is told in Chinese: the pages that tell them are the largest. */
let chinese = $state.raw<Translators>()
let isAskedFor = false

/** A sentence of the relay, whose words are English, in the reader's language. */
export function told(kind: keyof Translators, sentence: string): string {
  if (i18n.language !== 'zh') return sentence
  if (!isAskedFor) void load()
  return chinese?.[kind](sentence) ?? sentence
}

async function load(): Promise<void> {
  isAskedFor = true
  try {
    chinese = (await import('./zh/translators.ts')).translators
  } catch {
    isAskedFor = false // the relay is away, or has got another panel: English until it is asked for again
  }
}
