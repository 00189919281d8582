import { createFormats } from '#lib/format/formats.ts'
import type { Formats } from '#lib/format/formats.ts'
import { readPreference, writePreference } from '#lib/state/preference.ts'

import { en } from './en.ts'
import type { Words } from './words.ts'
import { zh } from './zh.ts'

/** The languages the panel speaks. */
export type Language = 'en' | 'zh'

const WORDS: Readonly<Record<Language, Words>> = { en, zh }
const LOCALES: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' }
const PREFERENCE = 'relay-language'

let language = $state<Language>(chooseLanguage())
const formats = $derived(createFormats(readLocale()))

/** Words and formats of the chosen language; everything that reads them follows a switch at once. */
export const i18n = {
  get language(): Language {
    return language
  },
  /** The words of the language. */
  get text(): Words {
    return WORDS[language]
  },
  /** Numbers, money and times in the language. */
  get format(): Formats {
    return formats
  },
  /** For the `lang` attribute of the page. */
  get tag(): string {
    return LOCALES[language]
  },
  /** Switches and remembers. */
  choose(chosen: Language): void {
    language = chosen
    writePreference(PREFERENCE, chosen)
  },
}

/** Keeps a regional variant of the browser's language, for its dates and numbers. */
function readLocale(): string {
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? LOCALES[language]
}

function chooseLanguage(): Language {
  const remembered = readPreference(PREFERENCE)
  if (remembered === 'en' || remembered === 'zh') return remembered
  const known = navigator.languages
    .map((tag) => tag.slice(0, 2).toLowerCase())
    .find((tag) => tag === 'en' || tag === 'zh')
  return known === 'zh' ? 'zh' : 'en'
}
