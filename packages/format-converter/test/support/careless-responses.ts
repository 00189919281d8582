import type { Loose } from '../../src/testing/loose.ts'
import { carelessly, type CarelessStream, interleave, type Making, type Paper, type Track } from './careless.ts'

/** An item as the finished answer has it, and the events that tell of it. */
interface ItemTrack extends Track {
  readonly item: Loose
}

/** How one server tells of its items. */
interface Habits {
  /** Without positions, an item is known by its id. */
  readonly hasPositions: boolean
  readonly changesIds: boolean
  /** Leaves positions out now and then; ids stay then. */
  readonly forgetsPositions: boolean
  /** Only the terminal event has the items in any case. */
  readonly listsOutput: boolean
}

/**
 * A Responses stream with all that servers were seen to do: events left out whose content stands in later ones, ids that
 * change, positions that are missing or have gaps, items beside each other, an end without a list, things unknown.
 */
export function carelessResponses(seed: number): CarelessStream {
  const { making, paper } = carelessly(seed)
  const { random, happens, pick, perhaps } = making
  const hasPositions = happens(0.9)
  const listsOutput = happens(0.6)
  const changesIds = hasPositions && !listsOutput && happens(0.2)
  const forgetsPositions = hasPositions && !changesIds && happens(0.3)
  const habits: Habits = { hasPositions, listsOutput, changesIds, forgetsPositions }
  const step = pick([1, 1, 1, 2])
  const tracks = Array.from({ length: Math.floor(random() * 5) }, (_, at) => trackOf(at * step, habits, making))
  const head = { id: 'resp_1', object: 'response', created_at: 1, model: 'up-model' }
  const response = { ...head, status: 'in_progress', output: [] }
  const begun = [
    ...perhaps(0.9, { type: pick(['response.created', 'response.in_progress']), response }),
    ...perhaps(0.5, { type: 'response.in_progress', response }),
  ]
  for (const event of [...begun, ...eventsOf(tracks, habits, making)]) paper.write(event)
  return finish(paper, { ...head, ...(listsOutput && { output: tracks.map(({ item }) => item) }) }, making)
}

/** What the server tells of its items, in its order, with strangers between. */
function eventsOf(tracks: readonly ItemTrack[], { hasPositions }: Habits, making: Making): Loose[] {
  const { happens, perhaps } = making
  const events = hasPositions ? interleave(tracks, making) : tracks.flatMap((track) => track.events)
  const ordered = mayEndLate(events) && happens(0.5) ? withLateEnds(events) : events
  return ordered.flatMap((event) => [...perhaps(0.05, strangerOf(making)), event])
}

/** Some servers end their message when everything else has come; what it says stands in its place by then. */
function withLateEnds(events: readonly Loose[]): Loose[] {
  return [...events.filter((event) => !endsMessage(event)), ...events.filter(endsMessage)]
}

function endsMessage({ type, item }: Loose): boolean {
  if (type === 'response.output_item.done') return item.type === 'message'
  return type === 'response.output_text.done' || type === 'response.content_part.done'
}

/** Texts that are told late beside each other could only come in the wrong order. */
function mayEndLate(events: readonly Loose[]): boolean {
  const texts = events.filter(({ type }) => /(?:text|refusal)\.delta|content_part/.test(type))
  const isOne =
    new Set(texts.map((event) => `${event.output_index ?? event.item_id} ${event.content_index}`)).size === 1
  return isOne && texts.some(({ type }) => type === 'response.output_text.delta')
}

function finish(paper: Paper, head: Loose, { happens, pick }: Making): CarelessStream {
  const usage = happens(0.7) ? { input_tokens: 10, output_tokens: 5, total_tokens: 15 } : undefined
  const reason = pick(['max_output_tokens', 'content_filter', 'a_new_reason'])
  const [type, end] = pick([
    ['response.completed', { status: 'completed' }],
    ['response.completed', {}],
    ['response.incomplete', { status: 'incomplete', incomplete_details: { reason } }],
  ])
  const list = head.output === undefined && happens(0.5) ? { output: [] } : {}
  paper.beginEnd()
  paper.write({ type, response: { ...head, ...list, ...end, usage: usage ?? null } })
  if (happens(0.3)) paper.writeText('data: [DONE]\n\n')
  if (happens(0.05)) paper.write({ type: 'response.output_text.delta', output_index: 0, delta: 'late' })
  return paper.finish(usage !== undefined)
}

/** What means nothing, and what is not known. */
function strangerOf({ pick, word }: Making): Loose {
  return pick([
    () => ({ type: 'keepalive' }),
    () => ({ type: 'weather', sky: word() }),
    () => ({ type: 'response.weather', sky: word() }),
    () => ({ type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws_1' }),
  ])()
}

function trackOf(position: number, habits: Habits, making: Making): ItemTrack {
  const make = making.pick([
    messageTrack,
    messageTrack,
    reasoningTrack,
    callTrack,
    callTrack,
    customTrack,
    summaryTrack,
    searchTrack,
    newTrack,
  ])
  return make(position, habits, making)
}

/** The events of an item between its beginning and its end, and those two where the server sends them. */
function framed(
  { item, begun, inner }: { readonly item: Loose; readonly begun: Loose; readonly inner: readonly Loose[] },
  position: number,
  { habits, making }: { readonly habits: Habits; readonly making: Making },
): ItemTrack {
  const { happens, perhaps } = making
  const { hasPositions, forgetsPositions } = habits
  const place = (): Loose => (hasPositions && !(forgetsPositions && happens(0.3)) ? { output_index: position } : {})
  let changes = 0
  const id = (): string => (habits.changesIds ? `${item.id}_${changes++}` : item.id)
  const added = { type: 'response.output_item.added', ...place(), item: { ...begun, id: id() } }
  const done = { type: 'response.output_item.done', ...place(), item: { ...item, id: id() } }
  const isDone = !habits.listsOutput || happens(0.85) || item.type === 'web_search_call' // its text cannot come late
  return {
    item,
    mayOverlap: isDone && item.type === 'function_call',
    events: [
      ...perhaps(0.9, added),
      ...inner.map((event) => ({ ...event, ...place(), item_id: id() })),
      ...(isDone ? [done] : []),
      ...perhaps(isDone ? 0.03 : 0, { ...lateDelta(item.type, making), ...place(), item_id: item.id }),
    ],
  }
}

/** A piece of an item that is over. */
function lateDelta(kind: string, { word }: Making): Loose {
  const names: Loose = {
    message: 'output_text',
    reasoning: 'reasoning_summary_text',
    function_call: 'function_call_arguments',
  }
  return { type: `response.${names[kind] ?? 'weather'}.delta`, delta: word() }
}

function cut(text: string, { random }: Making): string[] {
  const size = Math.floor(random() * 4) + 2
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size))
}

function messageTrack(position: number, habits: Habits, making: Making): ItemTrack {
  const { happens, pick, word, echo, random } = making
  const count = pick([1, 1, 1, 2])
  const parts = Array.from({ length: count }, (): Loose => {
    const kind = random()
    if (kind < 0.1) return { type: 'refusal', refusal: echo() }
    if (kind < 0.15) return { type: 'weather', sky: word() }
    const annotation = { type: 'url_citation', url: 'https://a.example/', title: word(), start_index: 0, end_index: 1 }
    return { type: 'output_text', text: `${word()} é🚃`, annotations: count === 1 && happens(0.1) ? [annotation] : [] }
  })
  const inner = parts.flatMap((part, at) => partEvents(part, at, { isOnly: count === 1, making }))
  const head = {
    type: 'message',
    id: `msg_${position}`,
    role: 'assistant',
    ...(happens(0.1) && { phase: 'commentary' }),
  }
  return framed(
    {
      item: { ...head, status: 'completed', content: parts },
      begun: { ...head, status: 'in_progress', content: [] },
      inner,
    },
    position,
    { habits, making },
  )
}

/** Of several parts each is told in deltas: else one of them could only come in the wrong order. */
function partEvents(
  part: Loose,
  content_index: number,
  { isOnly, making }: { readonly isOnly: boolean; readonly making: Making },
): Loose[] {
  const { happens, perhaps } = making
  const done = { type: 'response.content_part.done', content_index, part }
  if (part.type === 'weather') return [...perhaps(0.5, done)]
  const field = part.type === 'refusal' ? 'refusal' : 'text'
  const name = part.type === 'refusal' ? 'response.refusal' : 'response.output_text'
  const begun = { ...part, [field]: '', ...(part.annotations !== undefined && { annotations: [] }) }
  const deltas = cut(part[field], making).map((delta) => ({ type: `${name}.delta`, content_index, delta }))
  return [
    ...perhaps(0.9, { type: 'response.content_part.added', content_index, part: begun }),
    ...perhaps(isOnly ? 0.85 : 1, ...deltas),
    ...perhaps(0.8, { type: `${name}.done`, content_index, [field]: happens(0.9) ? part[field] : '' }),
    ...perhaps(0.8, done),
  ]
}

function reasoningTrack(position: number, habits: Habits, making: Making): ItemTrack {
  const { happens, pick, perhaps, word, random } = making
  const texts = Array.from({ length: Math.floor(random() * 3) }, () => `${word()} hm`)
  const isSummary = happens(0.7)
  const [list, type, name, index] = isSummary
    ? (['summary', 'summary_text', 'response.reasoning_summary', 'summary_index'] as const)
    : (['content', 'reasoning_text', 'response.reasoning', 'content_index'] as const)
  const item = {
    type: 'reasoning',
    id: `rs_${position}`,
    ...pick([{}, { summary: [] }]),
    [list]: texts.map((text) => ({ type, text })),
    ...(happens(0.5) && { encrypted_content: `SEAL${position}` }),
  }
  const inner = texts.flatMap((text, at): Loose[] => [
    ...perhaps(isSummary ? 0.9 : 0, { type: `${name}_part.added`, [index]: at, part: { type, text: '' } }),
    ...perhaps(0.85, ...cut(text, making).map((delta) => ({ type: `${name}_text.delta`, [index]: at, delta }))),
    ...perhaps(0.8, { type: `${name}_text.done`, [index]: at, text }),
    ...perhaps(isSummary ? 0.8 : 0, { type: `${name}_part.done`, [index]: at, part: { type, text } }),
  ])
  return framed({ item, begun: { type: 'reasoning', id: item.id, summary: [] }, inner }, position, {
    habits,
    making,
  })
}

function callTrack(position: number, habits: Habits, making: Making): ItemTrack {
  const { happens, pick, word } = making
  const text = pick([() => `{"a":"${word()}"}`, () => '{}', () => '', () => `{"cut":"${word()}`])()
  const callId = pick([{ call_id: `call_${position}` }, { call_id: `call_${position}` }, { call_id: '' }, {}])
  const head = { type: 'function_call', id: `fc_${position}`, ...callId, status: 'completed' }
  const isValue = text.endsWith('}') && happens(0.2)
  const item = { ...head, name: `tool${position}`, arguments: isValue ? JSON.parse(text) : text }
  const begun = {
    ...head,
    ...(happens(0.9) && { name: item.name }),
    status: 'in_progress',
    arguments: isValue ? {} : '',
  }
  const inner = argumentEvents('function_call_arguments', { arguments: text }, making)
  return framed({ item, begun, inner }, position, { habits, making })
}

function customTrack(position: number, habits: Habits, making: Making): ItemTrack {
  const { word } = making
  const text = `${word()}\n"é"`
  const head = { type: 'custom_tool_call', id: `ctc_${position}`, call_id: `call_${position}`, name: 'edit' }
  const inner = argumentEvents('custom_tool_call_input', { input: text }, making)
  return framed({ item: { ...head, input: text }, begun: { ...head, input: '' }, inner }, position, {
    habits,
    making,
  })
}

function argumentEvents(name: string, whole: Readonly<Record<string, string>>, making: Making): Loose[] {
  const { perhaps } = making
  const [text = ''] = Object.values(whole)
  return [
    ...perhaps(0.85, ...cut(text, making).map((delta) => ({ type: `response.${name}.delta`, delta }))),
    ...perhaps(0.8, { type: `response.${name}.done`, ...whole }),
  ]
}

/** What the vendor made of a conversation that was too long. */
function summaryTrack(position: number, habits: Habits, making: Making): ItemTrack {
  const head = { type: 'compaction', id: `cmp_${position}` }
  return framed({ item: { ...head, encrypted_content: `SUMMARY${position}` }, begun: head, inner: [] }, position, {
    habits,
    making,
  })
}

function searchTrack(position: number, habits: Habits, making: Making): ItemTrack {
  const action = { type: 'search', query: making.echo(), sources: [{ type: 'url', url: 'https://a.example/' }] }
  const head = { type: 'web_search_call', id: `ws_${position}` }
  return framed(
    { item: { ...head, status: 'completed', action }, begun: { ...head, status: 'in_progress' }, inner: [] },
    position,
    { habits, making },
  )
}

function newTrack(position: number, habits: Habits, making: Making): ItemTrack {
  const item = { type: 'weather', id: `w_${position}`, sky: making.word() }
  return framed({ item, begun: { type: 'weather', id: item.id }, inner: [] }, position, {
    habits,
    making,
  })
}
