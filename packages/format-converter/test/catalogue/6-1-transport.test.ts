import { describe, expect, it, test } from 'vitest'

import { everyCut, type Pieces } from './cuts.ts'
import {
  CHAT_TO_MESSAGES,
  chatSse,
  chunk,
  convertStream,
  judgeChatStream,
  judgeMessagesStream,
  MESSAGES_TO_CHAT,
  messagesSse,
  readSse,
  startExchange,
  wire,
  type SeenStream,
} from './harness.ts'

const utf8 = new TextEncoder()

const USAGE = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 }
const ANSWER = chatSse(
  chunk({ role: 'assistant', content: '' }),
  chunk({ reasoning_content: 'Grüße überlegen' }),
  chunk({ content: 'Grüße, 世界 😀!' }),
  chunk({
    tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: { name: 'w', arguments: '{"q":"Köln"}' } }],
  }),
  chunk({}, 'tool_calls'),
  { choices: [], usage: USAGE },
)

/** Upstream Chat, client Messages, the stream arriving in pieces. */
function arrive(pieces: Pieces): string {
  const stream = startExchange(CHAT_TO_MESSAGES).stream()
  return pieces.map((piece) => stream.push(piece)).join('') + stream.end()
}

const toMessages = (sse: string): SeenStream => convertStream(CHAT_TO_MESSAGES, sse)
const plain = toMessages(ANSWER).text

/** A stream on the byte-exact path between two Chat sides. */
function pass(sse: string): { readonly text: string; readonly error: unknown } {
  const stream = startExchange({ client: 'openai-chat', upstream: 'openai-chat' }).byteStream()
  const decoder = new TextDecoder()
  const output = [stream.push(utf8.encode(sse)), stream.end()]
  const text = output.map((piece) => (typeof piece === 'string' ? piece : decoder.decode(piece))).join('')
  return { text, error: stream.error }
}

describe('6.1 SSE and transport', () => {
  it('EC-001 a code point split over two pieces stays intact', async () => {
    const bytes = utf8.encode(ANSWER)
    const inside = bytes.indexOf(0xf0) + 2 // in the middle of 😀
    const output = arrive([bytes.subarray(0, inside), bytes.subarray(inside)])
    expect(output).not.toContain('\u{FFFD}')
    expect((await judgeMessagesStream(output)).content[1]).toMatchObject({ text: 'Grüße, 世界 😀!' })
  })

  it('EC-002 a stream cut at every place gives the same output', () => {
    for (const pieces of everyCut(utf8.encode(ANSWER))) expect(arrive(pieces)).toBe(plain)
  })

  test.for([
    ['CRLF', (sse: string) => sse.replaceAll('\n', '\r\n')],
    ['CR', (sse: string) => sse.replaceAll('\n', '\r')],
    ['mixed', (sse: string) => sse.replaceAll('\n\n', '\r\n\n')],
  ] as const)('EC-003 %s line ends give the same events, wherever they are cut', ([, rewrite]) => {
    for (const pieces of everyCut(utf8.encode(rewrite(ANSWER)))) expect(arrive(pieces)).toBe(plain)
  })

  it('EC-004 a BOM before the first event is ignored', () => {
    expect(toMessages(`\u{FEFF}${ANSWER}`).text).toBe(plain)
  })

  it('EC-005 two data lines of one event are joined by a line break and parsed once', () => {
    expect(toMessages(ANSWER.replaceAll(',"choices"', ',\ndata: "choices"')).text).toBe(plain)
  })

  it('EC-006 data without a space is parsed', () => {
    expect(toMessages(ANSWER.replaceAll('data: ', 'data:')).text).toBe(plain)
  })

  it('EC-007 a last event without a blank line is delivered', () => {
    expect(toMessages(ANSWER.trimEnd()).text).toBe(plain)
    const cut = chatSse(chunk({ content: 'x' }), chunk({}, 'stop'), 'cut').trimEnd()
    expect(toMessages(cut).stream.state).toBe('finished')
  })

  it('EC-008 comments make no event', async () => {
    const { text } = toMessages(`: OPENROUTER PROCESSING\n\n${ANSWER.replaceAll('\n\n', '\n\n: comment\n\n')}`)
    expect(await judgeMessagesStream(text)).toEqual(await judgeMessagesStream(plain))
  })

  it('EC-009 one JSON body where a stream was asked for is replayed as a stream', async () => {
    const message = { role: 'assistant', content: 'Hi', reasoning_content: 'why' }
    const body = { id: 'c', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }], usage: USAGE }
    const { text } = toMessages(JSON.stringify(body))
    expect(await judgeMessagesStream(text)).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'why' },
        { type: 'text', text: 'Hi' },
      ],
      stop_reason: 'end_turn',
      usage: { input_tokens: 12, output_tokens: 3 },
    })
  })

  it('EC-010 an HTML page with status 200 is an invalid answer, and nothing is committed', () => {
    const { stream, text } = toMessages('<!doctype html><html><body>maintenance</body></html>')
    expect(text).toBe('')
    expect(stream.committed).toBe(false)
    expect(stream.error).toMatchObject({ kind: 'upstream_invalid_response' })
  })

  it('EC-011 a Chat upstream that closes without [DONE] after its finish is complete', async () => {
    const sse = chatSse(chunk({ role: 'assistant', content: 'x' }), chunk({}, 'stop'), 'cut')
    const { text, stream } = toMessages(sse)
    expect(stream.state).toBe('finished')
    expect((await judgeMessagesStream(text)).stop_reason).toBe('end_turn')
    const passed = pass(sse)
    expect(passed.error).toBeUndefined()
    expect(passed.text).toBe(`${sse}data: [DONE]\n\n`)
  })

  it('EC-012 a Chat upstream that closes without a finish reason is cut, not finished', () => {
    const sse = chatSse(chunk({ role: 'assistant', content: 'x' }), 'cut')
    const { stream, events, text } = toMessages(sse)
    expect(stream.error).toMatchObject({ kind: 'upstream_truncated' })
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { error: { type: 'api_error' } } })
    expect(text).not.toContain('message_stop')
    const passed = pass(sse)
    expect(passed.error).toMatchObject({ kind: 'upstream_truncated' })
    expect(passed.text).not.toContain('[DONE]')
    expect(readSse(passed.text).at(-1)?.data).toMatchObject({ error: { code: 'upstream_truncated' } })
  })

  it('EC-013 [DONE] inside a Messages stream is ignored', async () => {
    const [start, ...rest] = [wire.start(), ...wire.text(0, 'Hi'), ...wire.stop('end_turn')]
    const { text } = convertStream(MESSAGES_TO_CHAT, `${messagesSse(start)}data: [DONE]\n\n${messagesSse(...rest)}`)
    expect((await judgeChatStream(text)).choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'Hi' },
    })
  })

  it.each([
    ['anthropic-messages', messagesSse(wire.start(), ...wire.text(0, 'Hi'), ...wire.stop('end_turn'))],
    ['openai-responses', 'event: response.completed\ndata: {"type":"response.completed","response":{}}\n\n'],
  ] as const)('EC-013 [DONE] means nothing where %s passes as it came', (format, sse) => {
    const request = { model: 'm', max_tokens: 9, messages: [], input: 'x', stream: true }
    const stream = startExchange({ client: format, upstream: format, request }).byteStream()
    const passed = [`data: [DONE]\n\n${sse}`, 'data: [DONE]\n\n'].map((piece) => stream.push(piece))
    const bytes = [...passed, stream.end()].map((piece) => Buffer.from(piece))
    expect(Buffer.concat(bytes).toString()).toBe(sse)
    expect(stream.state).toBe('finished')
  })

  it('EC-014 events after the terminal event are ignored', () => {
    expect(toMessages(ANSWER + chatSse(chunk({ content: 'more' }), chunk({}, 'stop'))).text).toBe(plain)
  })

  it('EC-015 a Messages event without its name is read, and always written with it', async () => {
    const sse = messagesSse(wire.start(), ...wire.text(0, 'Hi'), ...wire.stop('end_turn'))
    const { text } = convertStream(MESSAGES_TO_CHAT, sse.replaceAll(/^event: .*\n/gm, ''))
    expect((await judgeChatStream(text)).choices[0]?.message.content).toBe('Hi')
    expect(readSse(plain).every(({ event, data }) => event === data.type)).toBe(true)
  })

  it('EC-016 a single event of 17 MiB ends the stream with an overflow', () => {
    const stream = startExchange(CHAT_TO_MESSAGES).stream()
    stream.push(utf8.encode(chatSse(chunk({ content: 'x' }), 'cut')))
    const piece = utf8.encode('a'.repeat(1024 * 1024))
    let output = stream.push(utf8.encode('data: {"choices":[{"delta":{"content":"'))
    for (let count = 0; count < 17; count++) output += stream.push(piece)
    expect(stream.error).toMatchObject({ kind: 'overflow' })
    expect(readSse(output).at(-1)).toMatchObject({ event: 'error' })
  })

  it('EC-017 empty data and null are ignored', () => {
    expect(toMessages(`data:\n\ndata: \n\ndata: null\n\n${ANSWER}`).text).toBe(plain)
  })

  it("EC-018 an event that is not valid JSON ends in the client's own error event, and is reported", () => {
    const begun = chatSse(chunk({ role: 'assistant', content: 'x' }), 'cut')
    const broken = `${begun}data: {"choices":[{"delta":{"content":"y"\n\n${chatSse(chunk({ content: 'z' }), chunk({}, 'stop'))}`
    const { stream, events, losses } = toMessages(broken)
    expect(stream.error).toMatchObject({ kind: 'upstream_protocol' })
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { type: 'error', error: { type: 'api_error' } } })
    expect(events.filter(({ data }) => data.type === 'message_stop')).toEqual([])
    expect(losses.map(({ code }) => code)).toContain('malformed_event')
    const passed = pass(broken)
    expect(passed.text.startsWith(begun)).toBe(true)
    expect(readSse(passed.text).at(-1)?.data).toMatchObject({ error: { code: 'upstream_protocol' } })
    expect(passed.text).not.toContain('[DONE]')
  })
})
