import { describe, expect, it } from 'vitest'

import { eventsOf, open, type Opening } from './support/exchanges.ts'
import { judge } from './support/judges.ts'
import { say, type MadeAnswer } from './support/made-answers.ts'
import { FORMATS, type Format } from './support/pairs.ts'

const ANSWER: MadeAnswer = { parts: [{ kind: 'text', text: 'hello' }], end: 'done', input: 5, cached: 0, output: 7 }

const CASES = FORMATS.flatMap((client) =>
  FORMATS.flatMap((named) => FORMATS.map((said) => ({ client, named, said, isFamily: sameFamily(named, said) }))),
)

function sameFamily(one: Format, other: Format): boolean {
  return (one === 'anthropic-messages') === (other === 'anthropic-messages')
}

function opening(client: Format, named: Format, stream: boolean): Opening {
  return { client, upstream: 'anthropic-messages', request: { stream }, converter: { answer: named } }
}

describe('an answer format that is named stands for its family', () => {
  const known = CASES.filter(({ isFamily }) => isFamily)

  /** What a client gets of the answer as a stream; whole it is looked at here. */
  function streamed({ client, named, said }: (typeof CASES)[number]): string {
    const { body, sse } = say(said, ANSWER)
    expect(JSON.stringify(open(opening(client, named, false)).response(body).body)).toContain('"hello"')
    const stream = open(opening(client, named, true)).byteStream()
    const text = asText(stream.push(new TextEncoder().encode(sse))) + asText(stream.end())
    expect(stream.error).toBeUndefined()
    return text
  }

  it.each(known.filter(({ client, said }) => client === said))('$said passes as it is where $named was named', (of) => {
    expect(streamed(of)).toBe(say(of.said, ANSWER).sse)
  })

  it.each(known.filter(({ client, said }) => client !== said))(
    '$said is read as it is for $client where $named was named',
    async (of) => {
      expect(JSON.stringify(await judge(of.client, streamed(of)))).toContain('"hello"')
    },
  )
})

describe('an answer of another family than was named is no answer', () => {
  const foreign = CASES.filter(({ isFamily }) => !isFamily)
  it.each(foreign)('$said never reaches $client where $named was named', ({ client, named, said }) => {
    const { body, sse } = say(said, ANSWER)
    const told = `the upstream answered in ${said}, but its response format is set to ${named}; set it to auto`
    expect(() => open(opening(client, named, false)).response(body)).toThrow(told)
    expect(() => open(opening(client, named, true)).explode(body)).toThrow(told)
    const aggregate = open(opening(client, named, false)).aggregate()
    aggregate.push(sse)
    expect(() => aggregate.end()).toThrow(told)
    const stream = open(opening(client, named, true)).byteStream()
    const text = asText(stream.push(new TextEncoder().encode(sse))) + asText(stream.end())
    expect(stream.error?.message).toContain(told)
    expect(JSON.stringify(eventsOf(text))).not.toContain('hello')
  })
})

function asText(output: string | Uint8Array): string {
  return typeof output === 'string' ? output : new TextDecoder().decode(output)
}
