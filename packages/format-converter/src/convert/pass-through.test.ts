import { describe, expect, test } from 'vitest'

import type { ByteStreamConverter } from './answer-stream.ts'
import { createConverter } from './create-converter.ts'

const CHAT_CHUNKS = [
  '{"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}',
  '{"id":"c1","choices":[{"index":0,"delta":{"content":"Grüße 😀"},"finish_reason":null}]}',
  '{"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
]
const USAGE_CHUNK = '{"id":"c1","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}'

const sse = (chunks: readonly string[], newline = '\n'): string =>
  chunks.map((chunk) => `data: ${chunk}${newline}${newline}`).join('')

const CLAUDE_STREAM = [
  [
    'message_start',
    '{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}}',
  ],
  ['ping', '{"type":"ping"}'],
  ['content_block_start', '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'],
  ['content_block_delta', '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hé"}}'],
  ['unheard_of', '{"type":"unheard_of","kept":true}'],
  ['content_block_stop', '{"type":"content_block_stop","index":0}'],
  ['message_delta', '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}'],
  ['message_stop', '{"type":"message_stop"}'],
]
  .map(([event, data]) => `event: ${event}\ndata: ${data}\n\n`)
  .join('')

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (output: string | Uint8Array): string =>
  typeof output === 'string' ? output : new TextDecoder().decode(output)

function openStream(format: 'openai-chat' | 'anthropic-messages', body: object = {}): ByteStreamConverter {
  const converter = createConverter({ client: format, upstream: format })
  return converter.exchange({ model: 'm', messages: [], stream: true, ...body }, { requestId: 'req_1' }).byteStream()
}

function run(stream: ByteStreamConverter, chunks: readonly Uint8Array[]): string {
  const parts: Uint8Array[] = []
  const keep = (output: string | Uint8Array): void => {
    parts.push(typeof output === 'string' ? bytes(output) : output)
  }
  for (const chunk of chunks) keep(stream.push(chunk))
  keep(stream.end())
  return text(Buffer.concat(parts))
}

const WANTS_USAGE = { stream_options: { include_usage: true } }

describe('the byte-exact path', () => {
  test('an event of more than 16 MiB ends the stream, however it comes', () => {
    const head = bytes(sse(CHAT_CHUNKS.slice(0, 2)))
    const large = bytes(`data: {"pad":"${'x'.repeat(17 * 1024 * 1024)}"}\n\n`)
    for (const pieces of [[large], [large.subarray(0, 9_000_000), large.subarray(9_000_000)]]) {
      const stream = openStream('openai-chat', WANTS_USAGE)
      const output = run(stream, [head, ...pieces])
      expect([stream.error?.kind, output.includes('xx')]).toEqual(['overflow', false])
    }
  })

  test.for(['\n', ': ping\n\n'])('half a million times %j before the answer do it no harm', (line) => {
    const stream = openStream('anthropic-messages')
    const noise = line.repeat(500_000)
    expect(run(stream, [bytes(noise), bytes(CLAUDE_STREAM)])).toBe(noise + CLAUDE_STREAM)
  })

  test('every cut of a Messages stream gives the same bytes, its usage and its model', () => {
    const whole = bytes(CLAUDE_STREAM)
    for (let at = 0; at <= whole.length; at++) {
      const stream = openStream('anthropic-messages')
      expect(run(stream, [whole.subarray(0, at), whole.subarray(at)])).toBe(CLAUDE_STREAM)
      expect(stream.state).toBe('finished')
      expect(stream.usage).toMatchObject({ inputUncached: 5, output: 9 })
      expect(stream.upstreamModel).toBe('claude-x')
    }
  })

  test('packets as long as an event, but cut in the middle of events, pass as they came', () => {
    const deltas = ['abc', 'def', 'ghi', 'jkl'].map((content) =>
      JSON.stringify({ choices: [{ index: 0, delta: { content } }] }),
    )
    const source = sse([...deltas, ...CHAT_CHUNKS.slice(-1), '[DONE]'])
    const whole = bytes(source)
    const eventBytes = source.indexOf('\n\n') + 2
    const packets = [whole.subarray(0, 10)]
    for (let at = 10; at < whole.length; at += eventBytes) packets.push(whole.subarray(at, at + eventBytes))
    expect(run(openStream('openai-chat', WANTS_USAGE), packets)).toBe(source)
  })

  test.for(['\n', '\r\n'])('a Chat stream passes byte by byte with line ends %j', (newline) => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    const source = `: hello${newline}${newline}${sse([...CHAT_CHUNKS, USAGE_CHUNK, '[DONE]'], newline)}`
    expect(
      run(
        stream,
        [...bytes(source)].map((byte) => Uint8Array.of(byte)),
      ),
    ).toBe(source)
    expect(stream.usage).toMatchObject({ inputUncached: 7, output: 3 })
  })

  test('events whose lines end in CR pass with the packet that completes them', () => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    const [start = '', ...rest] = [...CHAT_CHUNKS, '[DONE]'].map((chunk) => sse([chunk], '\r'))
    expect(text(stream.push(bytes(start)))).toBe('') // it says nothing yet
    const passed = rest.map((event) => text(stream.push(bytes(event))))
    expect(passed.join('')).toBe(start + rest.join(''))
    expect(passed.slice(1)).toEqual(rest.slice(1))
    expect(stream.state).toBe('finished')
  })

  test('a byte order mark hides nothing of the first event', () => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    const first =
      CHAT_CHUNKS[0]?.replace('"choices"', '"usage":{"prompt_tokens":7,"completion_tokens":3},"choices"') ?? ''
    const source = `\u{feff}${sse([first, ...CHAT_CHUNKS.slice(1), '[DONE]'])}`
    expect(run(stream, [bytes(source)])).toBe(source.slice(1)) // it is no part of decoded text
    expect(stream.stats.bytesOut).toBe(bytes(source).length)
    expect(stream.usage).toMatchObject({ inputUncached: 7, output: 3 })
  })

  test('a packet that holds whole events is forwarded without a copy', () => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    stream.push(bytes(sse(CHAT_CHUNKS.slice(0, 2))))
    const packet = bytes(sse(CHAT_CHUNKS.slice(1, 2)))
    expect(stream.push(packet)).toBe(packet)
  })

  test.for(['{broken}', '{"a":"b"c"}', '{"choices":[{"delta":{"content":"a\tb"}}]}', '{"a":01}'])(
    'an event that only looks like JSON ends the stream: %s',
    (data) => {
      const stream = openStream('openai-chat', WANTS_USAGE)
      const begun = sse(CHAT_CHUNKS.slice(0, 2))
      expect(text(stream.push(bytes(begun)))).toBe(begun)
      const output = text(stream.push(bytes(sse([data, ...CHAT_CHUNKS.slice(2)]))))
      expect(output).toMatch(/^data: \{"error":[^\n]+\n\n$/)
      expect(stream).toMatchObject({ state: 'failed', error: { kind: 'upstream_protocol' } })
    },
  )

  test('the usage chunk that only Relay asked for is counted and taken out', () => {
    const stream = openStream('openai-chat')
    expect(run(stream, [bytes(sse([...CHAT_CHUNKS, USAGE_CHUNK, '[DONE]']))])).toBe(sse([...CHAT_CHUNKS, '[DONE]']))
    expect(stream.usage).toMatchObject({ inputUncached: 7, output: 3 })
  })

  test('nothing goes out before something meaningful has come', () => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    expect(text(stream.push(bytes(sse(CHAT_CHUNKS.slice(0, 1)))))).toBe('')
    expect(stream.committed).toBe(false)
    expect(text(stream.push(bytes(sse(CHAT_CHUNKS.slice(1, 2)))))).toBe(sse(CHAT_CHUNKS.slice(0, 2)))
    expect(stream.committed).toBe(true)
  })

  test('a start that was opened by force goes out at once', () => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    stream.push(bytes(sse(CHAT_CHUNKS.slice(0, 1))))
    expect(text(stream.open())).toBe(sse(CHAT_CHUNKS.slice(0, 1)))
    expect(stream.committed).toBe(true)
  })

  test('pings behind an opened gate are no content: nothing has been said yet', () => {
    const stream = openStream('anthropic-messages')
    const contentAt = CLAUDE_STREAM.indexOf('event: content_block_delta')
    stream.open()
    stream.push(bytes(CLAUDE_STREAM.slice(0, contentAt)))
    stream.push(bytes('event: ping\ndata: {"type":"ping"}\n\n'))
    expect(stream.hasContent).toBe(false)
    stream.push(bytes(CLAUDE_STREAM.slice(contentAt)))
    expect(stream.hasContent).toBe(true)
  })

  test.for(['data', 'data:', 'data: {"id":"c1","cho', 'data: [DO', 'event'])(
    'what the end of the bytes has cut is not passed on: %s',
    (tail) => {
      const finished = sse(CHAT_CHUNKS)
      const wanted = `${finished}data: [DONE]\n\n`
      expect(run(openStream('openai-chat', WANTS_USAGE), [bytes(`${finished}${tail}`)])).toBe(wanted)
      const begun = run(openStream('openai-chat'), [bytes(`${sse(CHAT_CHUNKS.slice(0, 2))}${tail}`)])
      expect(begun).toContain('closed the stream before the answer was complete')
      expect(begun).not.toContain('[DONE]')
    },
  )

  test.for(['data: null', 'data:', 'data', 'event: message', 'event: message\ndata:'])(
    'an event with nothing in it, which clients would read as JSON, is not passed on: %j',
    (hollow) => {
      const [first = '', ...rest] = [...CHAT_CHUNKS, '[DONE]'].map((chunk) => sse([chunk]))
      const output = run(openStream('openai-chat', WANTS_USAGE), [bytes(`${first}${hollow}\n\n${rest.join('')}`)])
      expect(output).toBe(first + rest.join(''))
    },
  )

  test('a stream that is cut after content ends in the format’s own error and no terminal event', () => {
    const stream = openStream('anthropic-messages')
    const output = run(stream, [bytes(CLAUDE_STREAM.slice(0, CLAUDE_STREAM.indexOf('event: message_delta')))])
    expect(output).toContain('event: error\ndata: {"type":"error","error":{"type":"api_error"')
    expect(output).not.toContain('message_stop')
    expect(stream.error?.kind).toBe('upstream_truncated')
  })

  test('a stream that is cut before content gives no bytes at all', () => {
    const stream = openStream('openai-chat')
    expect(run(stream, [bytes(sse(CHAT_CHUNKS.slice(0, 1)))])).toBe('')
    expect(stream.committed).toBe(false)
    expect(stream.error?.kind).toBe('upstream_truncated')
  })

  test('an end and nothing else is no answer', () => {
    const start = CLAUDE_STREAM.slice(0, CLAUDE_STREAM.indexOf('event: ping'))
    const stop = CLAUDE_STREAM.slice(CLAUDE_STREAM.indexOf('event: message_stop'))
    for (const source of [stop, start + stop, sse(['[DONE]'])]) {
      const stream = openStream(source.includes('DONE') ? 'openai-chat' : 'anthropic-messages')
      expect([run(stream, [bytes(source)]), stream.error?.kind]).toEqual(['', 'upstream_truncated'])
    }
  })

  test('a finish without [DONE] is complete, and gets its [DONE]', () => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    expect(run(stream, [bytes(sse(CHAT_CHUNKS))])).toBe(sse([...CHAT_CHUNKS, '[DONE]']))
    expect(stream.state).toBe('finished')
  })

  test('the end is all that is missing once every choice that began has its finish', () => {
    const [start = '', said = '', finish = ''] = CHAT_CHUNKS
    const stream = openStream('openai-chat', WANTS_USAGE)
    const [start1 = '', said1 = '', finish1 = ''] = CHAT_CHUNKS.map((data) => data.replace('"index":0', '"index":1'))
    const seen = [start, start1, said, finish, said1, finish1, USAGE_CHUNK].map((data) => {
      stream.push(bytes(sse([data])))
      return stream.lacksOnlyEnd
    })
    expect(seen).toEqual([false, false, false, false, false, true, true])
    expect(text(stream.fail({ kind: 'timeout', message: 'x' }))).toBe(sse(['[DONE]']))
    expect(stream.lacksOnlyEnd).toBe(false)
  })

  test('a choice that began and has no finish is no end', () => {
    const [start = '', said = '', finish = ''] = CHAT_CHUNKS
    const stream = openStream('openai-chat', WANTS_USAGE)
    const output = run(stream, [bytes(sse([start, start.replace('"index":0', '"index":1'), said, finish]))])
    expect(output).not.toContain('[DONE]')
    expect(stream.error?.kind).toBe('upstream_truncated')
  })

  test('a choice that comes again with its usage has its finish', () => {
    const again =
      CHAT_CHUNKS[0]?.replace('"choices"', '"usage":{"prompt_tokens":7,"completion_tokens":3},"choices"') ?? ''
    const stream = openStream('openai-chat', WANTS_USAGE)
    expect(run(stream, [bytes(sse([...CHAT_CHUNKS, again]))])).toBe(sse([...CHAT_CHUNKS, again, '[DONE]']))
  })

  test('a stream of another format never lacks only its end', () => {
    const stream = openStream('anthropic-messages')
    stream.push(bytes(CLAUDE_STREAM.slice(0, CLAUDE_STREAM.indexOf('event: message_stop'))))
    expect(stream.lacksOnlyEnd).toBe(false)
  })

  test.for(['{"half":', 'plain words', '[1]'])('an event whose data is %j ends the stream with an error', (data) => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    const output = run(stream, [
      bytes(sse(CHAT_CHUNKS.slice(0, 2))),
      bytes(sse([data, ...CHAT_CHUNKS.slice(2), '[DONE]'])),
    ])
    expect(output.startsWith(sse(CHAT_CHUNKS.slice(0, 2)))).toBe(true)
    expect(output.slice(sse(CHAT_CHUNKS.slice(0, 2)).length)).toMatch(/^data: \{"error":\{.*"upstream_protocol"/)
    expect(output).not.toContain('[DONE]')
  })

  test('an error event of the upstream becomes our own, redacted', () => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    const secret = 'sk-abcdefghijklmnopqrstuvwxyz123456'
    const output = run(stream, [
      bytes(sse([...CHAT_CHUNKS.slice(0, 2), `{"error":{"message":"boom ${secret}","type":"server_error"}}`])),
    ])
    expect(output).toContain('boom')
    expect(output).not.toContain(secret)
    expect(output).not.toContain('[DONE]')
  })

  test('an upstream that speaks the other family is converted instead', () => {
    const stream = openStream('anthropic-messages')
    const output = run(stream, [bytes(sse([...CHAT_CHUNKS, USAGE_CHUNK, '[DONE]']))])
    expect(output).toContain('event: message_start')
    expect(output.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\n')).toBe(true)
    expect(stream.usage).toMatchObject({ inputUncached: 7, output: 3 })
  })

  test('a whole answer in place of a stream is replayed as one', () => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    const answer = {
      id: 'c1',
      object: 'chat.completion',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    }
    const output = run(stream, [bytes(JSON.stringify(answer))])
    expect(output).toContain('"content":"Hi"')
    expect(output.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test('an HTML page is a failure that shows nothing of itself', () => {
    const stream = openStream('openai-chat')
    expect(run(stream, [bytes('<html><body>secret gateway</body></html>')])).toBe('')
    expect(stream.error?.kind).toBe('upstream_invalid_response')
    expect(stream.error?.message).not.toContain('secret gateway')
  })

  test.each([
    ['in the same packet', (complete: string) => [`${complete}data: {"late":1}\n\n`]],
    ['in a packet of its own', (complete: string) => [complete, 'data: {"late":1}\n\n']],
  ])('what comes after the terminal event, %s, goes nowhere and is told', (_, packets) => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    const complete = sse([...CHAT_CHUNKS, '[DONE]'])
    expect(run(stream, packets(complete).map(bytes))).toBe(complete)
    expect(stream.losses).toEqual([expect.objectContaining({ code: 'event_after_end', level: 'info' })])
  })

  test('blank lines and comments after the terminal event are nothing to tell', () => {
    const stream = openStream('openai-chat', WANTS_USAGE)
    run(stream, [bytes(`${sse([...CHAT_CHUNKS, '[DONE]'])}\n: bye\n\n`), bytes('\n\n')])
    expect(stream.losses).toEqual([])
  })
})
