import { auditActionSchema } from '@relay/server/admin-contract'
import { expect, test } from 'vitest'

import { en } from './en.ts'
import { zh } from './zh.ts'

/** Every text by its path; texts with parameters are filled with marks that can be found again. */
function listTexts(words: object, path = ''): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const [key, value] of Object.entries(words)) {
    const name = `${path}/${key}`
    if (typeof value === 'string') texts.set(name, value)
    else if (typeof value === 'function') texts.set(name, String(value('‹1›', '‹2›', '‹3›')))
    else for (const [inner, text] of listTexts(value, name)) texts.set(inner, text)
  }
  return texts
}

const english = listTexts(en)
const chinese = listTexts(zh)
/** Names that are the same in every language. */
const NAMES = [
  'Claude',
  'Claude Code',
  'Codex CLI',
  'Anthropic SDK',
  'OpenAI SDK',
  'curl',
  'OpenAI',
  'OpenAI Chat',
  'OpenAI Responses',
  'Gemini',
  'YOUR_RELAY_KEY',
]

test('both languages say something under the same names', () => {
  expect([...chinese.keys()].toSorted()).toEqual([...english.keys()].toSorted())
  for (const [path, text] of [...english, ...chinese]) expect(text.trim(), `text ${path}`).not.toBe('')
})

const marks = (text: string | undefined): readonly string[] => [...new Set(text?.match(/‹\d›/g))].toSorted()

test('what is put into a text is in it in both languages', () => {
  for (const [path, text] of english) expect(marks(chinese.get(path)), `text ${path}`).toEqual(marks(text))
})

test('no English is left in the Chinese words, but names', () => {
  const switchBack = '/header/switchLanguage'
  for (const [path, text] of chinese) {
    if (path === switchBack || NAMES.includes(text)) continue
    expect(text, `text ${path}`).toMatch(/\p{Script=Han}/u)
  }
})

test('every action that the server writes down has words, and a group to find it by', () => {
  for (const { audit } of [en, zh]) {
    expect(Object.keys(audit.actions).toSorted()).toEqual(auditActionSchema.options.toSorted())
    const kinds = new Set(auditActionSchema.options.map((action) => action.split('.', 1)[0]))
    expect(Object.keys(audit.groups).toSorted()).toEqual([...kinds].map(String).toSorted())
  }
})
