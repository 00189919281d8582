import { expect, test } from 'vitest'

import { withoutQuotes } from './without-quotes.ts'

const PROMPT = 'Write a letter to my grandmother about the "penguins" of 1974.\nBe brief.'

function bodyOf(prompt: string): Uint8Array {
  return Buffer.from(
    JSON.stringify({ model: 'claude-sonnet-4-5-20250929', messages: [{ role: 'user', content: prompt }] }),
  )
}

test('a quote of the request is taken out, whatever stands around it', () => {
  const message = `Invalid content: '${PROMPT}' is not allowed here`
  expect(withoutQuotes(message, bodyOf(PROMPT))).toBe("Invalid content: '[…]' is not allowed here")
})

test.for([21, 30, 44, 60])('a part of %i characters is a quote as well, wherever it begins', (length) => {
  for (let shift = 0; shift < 7; shift += 1) {
    const shown = withoutQuotes(`${'x'.repeat(shift)}<${PROMPT.slice(6, 6 + length)}>`, bodyOf(PROMPT))
    expect(shown).toBe(`${'x'.repeat(shift)}<[…]>`)
  }
})

test('two quotes are taken out, and what stands between them stays', () => {
  const other = 'The second question of this day.'
  const shown = withoutQuotes(`first: ${PROMPT.slice(0, 40)}; then: ${other}`, bodyOf(`${other}\n${PROMPT}`))
  expect(shown).toBe('first: […]; then: […]')
})

test.for(['企鹅在午夜散步,我的祖母看着它们,什么也没有说出来。', 'Пингвины моей бабушки гуляют ночью.'])(
  'so is a quote of %s, also where the client escapes every character',
  (prompt) => {
    const escaped = JSON.stringify({ prompt }).replaceAll(
      /[^ -~]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    expect(withoutQuotes(`no: ${prompt}!`, bodyOf(prompt))).toBe('no: […]!')
    expect(withoutQuotes(`no: ${prompt}!`, Buffer.from(escaped))).toBe('no: […]!')
  },
)

test.for([
  'the model claude-sonnet-4-5-20250929 does not exist',
  'messages.0.content: Input should be a valid list',
  'prompt is too long: 210000 tokens > 200000 maximum',
  '',
])('%s: names and words of its own stay', (message) => {
  expect(withoutQuotes(message, bodyOf(PROMPT))).toBe(message)
  expect(withoutQuotes(message, undefined)).toBe(message)
})

test('of a long message about a huge request only so much is kept as can be looked through', () => {
  const huge = bodyOf('Lorem ipsum dolor sit amet. '.repeat(1_000_000))
  const begun = performance.now()
  const shown = withoutQuotes(`refused: ${'something of its own '.repeat(100)}`, huge)
  expect(shown).toBe('refuse…')
  expect(performance.now() - begun).toBeLessThan(5_000)
})
