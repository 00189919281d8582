import { describe, expect, it, test } from 'vitest'

import { tap } from './tap.ts'

const chunk = (delta: string, finish = 'null', usage = 'null'): string =>
  `{"id":"c","model":"m","choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}],"usage":${usage}}`

describe('the tap of the byte-exact path', () => {
  test.for([
    ['a text delta', chunk('{"content":"x"}'), false],
    ['the role chunk', chunk('{"role":"assistant","content":""}'), true],
    ['a finish', chunk('{}', '"stop"'), true],
    ['an empty finish reason', chunk('{}', '""'), false],
    ['usage', chunk('{}', 'null', '{"prompt_tokens":1}'), true],
    ['usage with spaces', '{"choices": [], "usage" : {"prompt_tokens": 1}}', true],
    ['an error', '{"error":{"message":"x"}}', true],
    ['no choices', '{"id":"c","choices":[ ]}', true],
    ['text that speaks of usage', chunk('{"content":"\\"usage\\":{"}'), false],
  ] as const)('parses only what it must: %s', ([, data, mustParse]) => {
    expect(tap.mustParse(undefined, data)).toBe(mustParse)
  })

  test.for([
    ['role only', chunk('{"role":"assistant","content":"","refusal":null}'), false],
    ['no choices', '{"id":"c","choices":[]}', false],
    ['text', chunk('{"content":"x"}'), true],
    ['a list of parts', chunk('{"content": [ {"type":"text"} ]}'), true],
    ['reasoning', chunk('{"reasoning_content":"x"}'), true],
    ['an empty list of calls', chunk('{"tool_calls":[]}'), false],
    ['a call', chunk('{"tool_calls":[{"index":0,"function":{"name":"f"}}]}'), true],
    ['a call of the legacy kind', chunk('{"function_call":{"name": "f"}}'), true],
    [
      'a call without a name yet',
      chunk('{"tool_calls":[{"index":0,"function":{"arguments":"\\"name\\":\\"f\\""}}]}'),
      false,
    ],
    ['thinking', chunk('{"thinking":"x"}'), true],
    ['proven thinking', chunk('{"thinking_blocks":[{"type":"thinking"}]}'), true],
    ['speech', chunk('{"audio":{"data":"x"}}'), true],
    ['pictures', chunk('{"images":[{"type":"image_url"}]}'), true],
    ['counts of speech', chunk('{"role":"assistant"}', 'null', '{"audio":0}'), false],
    ['a finish', chunk('{}', '"stop"'), true],
    ['no error', '{"id":"c","error":null}', false],
  ] as const)('knows whether an event says something: %s', ([, data, isMeaningful]) => {
    expect(tap.isMeaningful(undefined, data)).toBe(isMeaningful)
  })

  it('reads model, usage, finish and failure', () => {
    expect(
      tap.read(JSON.parse(chunk('{}', '"stop"', '{"prompt_tokens":1,"completion_tokens":2}')), undefined),
    ).toMatchObject({
      model: 'm',
      usage: { inputUncached: 1, output: 2 },
      hasFinish: true,
      choices: new Map([[0, true]]),
      isUsageOnly: false,
    })
    expect(tap.read({ choices: [], usage: { prompt_tokens: 1 } }, undefined)).toMatchObject({
      isUsageOnly: true,
      hasFinish: false,
    })
    expect(tap.read({ error: { message: 'x' } }, undefined).failure).toBeDefined()
  })

  it('knows the end of a stream', () => {
    expect(tap.isDone(' [DONE] ')).toBe(true)
    expect(tap.isDone('{}')).toBe(false)
  })
})
