import type { Loose } from '../../src/testing/loose.ts'
import { carelessly, type CarelessStream, interleave, type Making, type Track } from './careless.ts'

/**
 * A Messages stream with all that servers were seen to do: blocks without a start or an end, starts that already hold
 * something, odd indexes, calls beside each other, members missing and `null`, the end told in pieces, things unknown.
 */
export function carelessMessages(seed: number): CarelessStream {
  const { making, paper } = carelessly(seed)
  const { random, happens, pick } = making
  const usage = happens(0.7) ? { input_tokens: 10, cache_read_input_tokens: 4, output_tokens: 1 } : undefined
  const begun = happens(0.1) ? { content: [{ type: 'text', text: making.word() }] } : {}
  const start = {
    type: 'message_start',
    message: { ...pick(MESSAGES), ...begun, ...(usage !== undefined && { usage }) },
  }
  paper.write(start)
  if (happens(0.05)) paper.write(start)
  const step = pick([1, 1, 1, 3])
  const tracks = Array.from({ length: Math.floor(random() * 5) }, (_, at) => trackOf(at * step, making))
  for (const event of interleave(tracks, making)) {
    if (happens(0.05)) paper.write(strangerOf(making))
    paper.write(event)
  }
  const hasContent = tracks.length > 0 || 'content' in begun
  for (const event of endOf({ hasUsage: usage !== undefined, hasContent }, making)) paper.write(event)
  paper.beginEnd()
  paper.write({ type: 'message_stop' })
  if (happens(0.05)) paper.write({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'late' } })
  return paper.finish(usage !== undefined)
}

const MESSAGES: readonly Loose[] = [
  { id: 'msg_1', type: 'message', role: 'assistant', model: 'up-model', content: [], stop_reason: null },
  { id: 'msg_1', type: 'message', role: 'assistant', model: 'up-model', content: [], stop_reason: null },
  { id: 'msg_1', role: 'assistant', content: null },
  {},
]

const STOPS = ['end_turn', 'tool_use', 'max_tokens', 'stop_sequence', 'refusal', 'pause_turn', 'a_new_reason']

interface Told {
  readonly hasUsage: boolean
  readonly hasContent: boolean
}

/** One `message_delta`, or several that each tell a part; an answer without content says at least why it ends. */
function endOf({ hasUsage, hasContent }: Told, { happens, pick, echo }: Making): Loose[] {
  const usage = hasUsage ? { usage: { output_tokens: 5 } } : {}
  const reason = { stop_reason: pick(STOPS) }
  const details = happens(0.2)
    ? { stop_details: { type: 'refusal', category: pick([null, 'cyber']), explanation: echo() } }
    : {}
  const sequence = happens(0.2) ? { stop_sequence: pick([null, '###']) } : {}
  const deltas = pick([
    [{ ...reason, ...details, ...sequence }],
    [{ ...details }, { ...reason, ...sequence }],
    [{ ...reason }, { stop_reason: null, ...details }],
    [hasContent ? { stop_reason: null, ...details, ...sequence } : { ...reason, ...sequence }],
  ])
  return deltas.map((delta) => ({ type: 'message_delta', delta, ...usage }))
}

/** What means nothing, and what is not known. */
function strangerOf({ pick, word }: Making): Loose {
  return pick([
    () => ({ type: 'ping' }),
    () => ({ type: 'weather', sky: word() }),
    () => ({ type: 'content_block_delta', index: 0, delta: { type: 'weather_delta', sky: word() } }),
    () => ({ type: 'content_block_stop', index: 77 }),
  ])()
}

function trackOf(index: number, making: Making): Track {
  const events = blockOf(index, making)
  return { events, mayOverlap: events[0]?.content_block?.type === 'tool_use' }
}

function blockOf(index: number, making: Making): Loose[] {
  return making.pick([
    textBlock,
    textBlock,
    thinkingBlock,
    callBlock,
    callBlock,
    redactedBlock,
    summaryBlock,
    searchBlock,
    newBlock,
  ])(index, making)
}

/** A start, deltas and a stop, of which the ends may be missing. */
function framed(index: number, content_block: Loose, { deltas, making }: { deltas: Loose[]; making: Making }): Loose[] {
  const { perhaps } = making
  const start = { type: 'content_block_start', index, content_block }
  return [
    start,
    ...perhaps(0.05, start),
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    ...perhaps(0.9, { type: 'content_block_stop', index }),
  ]
}

function piecesOf({ random, pick, word }: Making): (string | null)[] {
  return Array.from({ length: Math.floor(random() * 4) }, () =>
    pick([() => `${word()} é🚃`, word, () => '', () => null])(),
  )
}

function textBlock(index: number, making: Making): Loose[] {
  const { happens, word } = making
  const citation = { type: 'web_search_result_location', url: 'https://a.example/', title: word(), cited_text: 'c' }
  const deltas: Loose[] = piecesOf(making).map((text) => ({ type: 'text_delta', text }))
  if (happens(0.1)) deltas.push({ type: 'citations_delta', citation })
  const events = framed(index, { type: 'text', text: happens(0.2) ? word() : '' }, { deltas, making })
  return happens(0.1) ? framed(index, {}, { deltas, making }).slice(1) : events
}

function thinkingBlock(index: number, making: Making): Loose[] {
  const { happens, word } = making
  const deltas: Loose[] = piecesOf(making).map((thinking) => ({ type: 'thinking_delta', thinking }))
  if (happens(0.6)) deltas.push({ type: 'signature_delta', signature: `SIGNATURE${index}` })
  const block = { type: 'thinking', thinking: happens(0.1) ? word() : '', ...(happens(0.8) && { signature: '' }) }
  return framed(index, block, { deltas, making })
}

function redactedBlock(index: number, making: Making): Loose[] {
  return framed(index, { type: 'redacted_thinking', data: `SECRET${index}` }, { deltas: [], making })
}

/** What the vendor made of a conversation that was too long. */
function summaryBlock(index: number, making: Making): Loose[] {
  const { word, pick } = making
  const deltas = pick([
    [],
    [{ type: 'compaction_delta', content: word(), encrypted_content: null }],
    [{ type: 'compaction_delta', content: null, encrypted_content: `SUMMARY${index}` }],
  ])
  return framed(index, { type: 'compaction', content: pick([null, word()]) }, { deltas, making })
}

/** What a call's start holds, and the pieces that follow. */
interface Said {
  readonly block: Loose
  readonly pieces: readonly Loose[]
}

function callBlock(index: number, making: Making): Loose[] {
  const { pick, word } = making
  const id = pick([{ id: `toolu_${index}` }, { id: '' }, {}, { id: `odd:${index}.id` }])
  const { block, pieces } = pick([
    (): Said => ({ block: { input: {} }, pieces: [`{"a":`, `"${word()}`, `"}`] }),
    (): Said => ({ block: { input: {} }, pieces: [`{"b":"${word()}"}`] }),
    (): Said => ({ block: { input: { c: word() } }, pieces: [] }),
    (): Said => ({ block: { input: `{"d":"${word()}"}` }, pieces: [] }),
    (): Said => ({ block: { input: [] }, pieces: [{ e: word() }] }),
    (): Said => ({ block: { input: {} }, pieces: [] }),
    (): Said => ({ block: {}, pieces: ['', '{}'] }),
    (): Said => ({ block: { input: {} }, pieces: [`{"cut":"${word()}`] }),
  ])()
  const deltas = pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json }))
  return framed(index, { type: 'tool_use', ...id, name: `tool${index}`, ...block }, { deltas, making })
}

/** What the vendor ran: a call, or what came of it. */
function searchBlock(index: number, making: Making): Loose[] {
  const { pick, word, echo } = making
  const id = `srv_${index}`
  const { block, pieces } = pick([
    (): Said => ({
      block: { type: 'server_tool_use', id, name: 'web_search', input: {} },
      pieces: [`{"query":"${echo()}"}`],
    }),
    (): Said => {
      const content = [{ type: 'web_search_result', title: word(), url: 'https://a.example/' }]
      return { block: { type: 'web_search_tool_result', tool_use_id: id, content }, pieces: [] }
    },
  ])()
  const deltas = pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json }))
  return framed(index, block, { deltas, making })
}

function newBlock(index: number, making: Making): Loose[] {
  return framed(index, { type: 'weather', sky: making.word() }, { deltas: [], making })
}
