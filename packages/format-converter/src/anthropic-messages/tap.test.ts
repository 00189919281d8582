import { describe, expect, it } from 'vitest'

import { tap } from './tap.ts'

describe('the tap on a Messages stream', () => {
  it.for(['content_block_delta', 'content_block_start', 'content_block_stop', 'ping'])('does not parse %s', (type) => {
    expect(tap.mustParse(type, `{"type": "${type}","index":0}`)).toBe(false)
  })

  it('parses everything else, and everything under the name error', () => {
    for (const type of ['message_start', 'message_delta', 'message_stop', 'error', 'later'])
      expect(tap.mustParse(type, `{"type":"${type}"}`)).toBe(true)
    expect(tap.mustParse(undefined, '{"index":0,"type":"content_block_delta"}')).toBe(true)
    expect(tap.mustParse('error', '{"type":"ping"}')).toBe(true)
  })

  it('opens the gate for content, calls, finishes and errors, not for starts and pings', () => {
    expect(isMeaningful('{"type":"message_start","message":{}}')).toBe(false)
    expect(isMeaningful('{"type":"ping"}')).toBe(false)
    expect(isMeaningful('{"type":"weather"}')).toBe(false)
    expect(isMeaningful('{"detail":"Not authenticated"}')).toBe(false)
    expect(tap.isMeaningful('content_block_delta', '{"delta":{"text":"x"},"type":"content_block_delta"}')).toBe(true)
    expect(isMeaningful('{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}')).toBe(
      false,
    )
    expect(
      isMeaningful(
        '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}',
      ),
    ).toBe(true)
    expect(isMeaningful('{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}')).toBe(true)
    expect(isMeaningful('{"type":"message_delta"}')).toBe(true)
    expect(isMeaningful('{"type":"error"}')).toBe(true)
  })

  it('reads model, usage, finish, end and error', () => {
    expect(
      tap.read({ type: 'message_start', message: { model: 'm', usage: { input_tokens: 3 } } }, undefined),
    ).toMatchObject({ model: 'm', usage: { inputUncached: 3 } })
    expect(
      tap.read({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } }, undefined),
    ).toMatchObject({ hasFinish: true, usage: { output: 4 } })
    expect(tap.read({ type: 'message_stop' }, undefined)).toEqual({ isTerminal: true })
    expect(
      tap.read({ type: 'error', error: { type: 'overloaded_error', message: 'x' } }, undefined).failure?.kind,
    ).toBe('overloaded')
    expect(tap.read({ type: 'later' }, undefined)).toEqual({})
  })
})

function isMeaningful(data: string): boolean {
  return tap.isMeaningful(undefined, data)
}
