import type { Loose } from '../../src/testing/loose.ts'
import { carelessly, type CarelessStream, type Making } from './careless.ts'

/** One call while it is sent: what of it has not been written yet. */
interface Call {
  readonly place: Loose
  readonly name: string
  readonly pieces: Loose[]
  id: string | null | undefined
  isNamed: boolean
}

/**
 * A Chat stream with all that servers were seen to do: members missing, `null` and empty, several members in one delta,
 * calls with odd positions and late names that run beside each other, usage here and there, a finish before the end.
 */
export function carelessChat(seed: number): CarelessStream {
  const { making, paper } = carelessly(seed)
  const { random, happens, pick } = making
  const calls: Call[] = []
  let hasUsage = false
  const write = (chunk: Loose): void => {
    hasUsage ||= chunk.usage?.prompt_tokens !== undefined
    if (chunk.choices.some(({ finish_reason }: Loose) => (finish_reason ?? '') !== '')) paper.beginEnd()
    paper.write(chunk)
  }

  const count = Math.floor(random() * 12) + 1
  for (let chunk = 0; chunk < count; chunk++) write(chunkOf(calls, making))
  for (const call of calls)
    if (call.pieces.length > 0 || !call.isNamed)
      write({ choices: [{ index: 0, delta: { tool_calls: [restOf(call)] } }] })
  write({ choices: [{ index: 0, delta: pick([{}, null]), finish_reason: pick(FINISHES) }] })
  if (happens(0.5))
    write({ id: 'c1', choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } })
  if (happens(0.9)) paper.writeText('data: [DONE]\n\n')
  return paper.finish(hasUsage)
}

function chunkOf(calls: Call[], making: Making): Loose {
  const { happens, pick, perhaps } = making
  const delta = {
    ...textDelta(making),
    ...(happens(0.3) && { tool_calls: perhapsBare(callDelta(calls, making), making) }),
  }
  return {
    id: happens(0.9) ? 'c1' : '',
    model: 'up-model',
    choices: [
      { index: 0, delta, finish_reason: happens(0.05) ? pick(['stop', '']) : null },
      ...perhaps(0.05, { index: 1, delta: { content: making.word() }, finish_reason: null }),
    ],
    ...(happens(0.1) && { usage: pick([null, { prompt_tokens: 9, completion_tokens: 4 }]) }),
  }
}

const FINISHES = ['stop', 'tool_calls', 'length', 'content_filter', 'a_new_reason']

/** No member twice, so that every word is sent. */
function textDelta({ happens, pick, word, echo }: Making): Loose {
  return {
    ...(happens(0.3) && { role: pick(['assistant', '', null]) }),
    ...(happens(0.4) && {
      content: pick([
        () => `${word()} é🚃`,
        () => '',
        () => null,
        () => [{ type: 'text', text: word() }],
        () => ({ type: 'text', text: word() }),
        () => [word()],
        () => [{ type: 'thinking', thinking: [{ type: 'text', text: word() }] }],
        () => [{ type: 'weather', sky: word() }],
      ])(),
    }),
    ...(happens(0.15) && { [pick(['reasoning_content', 'reasoning'])]: word() }),
    ...(happens(0.05) && { annotations: [pick([citationOf, fileOf])(word())] }),
    ...(happens(0.05) && { audio: { transcript: word() } }),
    ...(happens(0.1) && { refusal: pick([() => null, echo])() }),
    ...(happens(0.1) && { reasoning_details: [{ type: 'reasoning.encrypted', data: 'SEAL', id: 'rs_1', index: 0 }] }),
  }
}

function citationOf(title: string): Loose {
  return { type: 'url_citation', url_citation: { url: 'https://a.example/', title, start_index: 0, end_index: 1 } }
}

/** What OpenRouter notes of a document that it has read. */
function fileOf(name: string): Loose {
  return { type: 'file', file: { hash: 'h', name } }
}

/** Some servers leave the list out where it has one entry. */
function perhapsBare(entries: Loose[], { happens }: Making): Loose {
  return entries.length === 1 && happens(0.1) ? entries[0] : entries
}

function callDelta(calls: Call[], making: Making): Loose[] {
  const { random, happens, pick } = making
  const position = Math.floor(random() * 3)
  const call = calls.find(({ name }) => name === `tool${position}`) ?? openCall(calls, position, making)
  const entry: Loose = { ...call.place, ...(call.id !== undefined && { id: call.id }), type: pick(['function', null]) }
  call.id = undefined
  entry.function = {
    name: happens(0.1) ? null : call.name,
    arguments: call.pieces.shift() ?? pick(['', null]),
  }
  call.isNamed ||= entry.function.name !== null
  return happens(0.1) ? [entry, { ...call.place, function: { arguments: '' } }] : [entry]
}

function openCall(calls: Call[], position: number, { pick, word }: Making): Call {
  const call: Call = {
    place: { index: position + pick([0, 0, 3]) },
    name: `tool${position}`,
    pieces: pick([
      () => [`{"a":`, `"${word()}`, `"}`],
      () => [`{"b":"${word()}"}`],
      () => [{ b: word() }],
      () => [],
      () => ['{', '}'],
    ])(),
    id: pick([`call_${position}`, '', null, `odd:${position}.id`]),
    isNamed: false,
  }
  calls.push(call)
  return call
}

function restOf({ place, name, pieces }: Call): Loose {
  const [first = ''] = pieces
  return { ...place, function: { name, arguments: pieces.length > 1 ? pieces.join('') : first } }
}
