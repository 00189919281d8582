import type { Loose } from './exchanges.ts'
import { createRandom, pickFrom, type Random } from './random.ts'

/** A stream as careless servers write it, and its words: each stands in it once, in the first choice. */
export interface CarelessStream {
  readonly sse: string
  readonly words: readonly string[]
}

/** One call while it is sent: what of it has not been written yet. */
interface Call {
  readonly place: Loose
  readonly name: string
  readonly pieces: string[]
  id: string | null | undefined
  isNamed: boolean
}

/**
 * A Chat stream with all that servers were seen to do: members missing, `null` and empty, several members in one delta,
 * calls with odd positions and late names that run beside each other, usage here and there, a finish before the end.
 */
export function carelessChat(seed: number): CarelessStream {
  const random = createRandom(seed)
  const words: string[] = []
  const happens = (chance: number): boolean => random() < chance
  const word = (): string => {
    const made = `word${words.length}w`
    words.push(made)
    return made
  }
  const calls: Call[] = []
  const frames: string[] = [happens(0.05) ? '\u{feff}' : '']
  const write = (body: Loose): void => void frames.push(frameOf(body, random))

  const count = Math.floor(random() * 12) + 1
  for (let chunk = 0; chunk < count; chunk++) write(chunkOf(calls, { random, word }))
  for (const call of calls)
    if (call.pieces.length > 0 || !call.isNamed)
      write({ choices: [{ index: 0, delta: { tool_calls: [restOf(call)] } }] })
  write({ choices: [{ index: 0, delta: pickFrom([{}, null], random), finish_reason: pickFrom(FINISHES, random) }] })
  if (happens(0.5))
    write({ id: 'c1', choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } })
  if (happens(0.9)) frames.push('data: [DONE]\n\n')
  return { sse: frames.join(''), words }
}

function chunkOf(calls: Call[], making: Making): Loose {
  const { random } = making
  const happens = (chance: number): boolean => random() < chance
  const delta = { ...textDelta(making), ...(happens(0.3) && { tool_calls: callDelta(calls, making) }) }
  return {
    id: happens(0.9) ? 'c1' : '',
    model: 'up-model',
    choices: [{ index: 0, delta, finish_reason: happens(0.05) ? pickFrom(['stop', ''], random) : null }],
    ...(happens(0.1) && { usage: pickFrom([null, { prompt_tokens: 9, completion_tokens: 4 }], random) }),
  }
}

const FINISHES = ['stop', 'tool_calls', 'length', 'content_filter', 'a_new_reason']

interface Making {
  readonly random: Random
  readonly word: () => string
}

/** No member twice, so that every word is sent. */
function textDelta({ random, word }: Making): Loose {
  const happens = (chance: number): boolean => random() < chance
  return {
    ...(happens(0.3) && { role: pickFrom(['assistant', '', null], random) }),
    ...(happens(0.4) && {
      content: pickFrom(
        [() => `${word()} é🚃`, () => '', () => null, () => [{ type: 'text', text: word() }]],
        random,
      )(),
    }),
    ...(happens(0.15) && { reasoning_content: word() }),
    ...(happens(0.1) && { refusal: pickFrom([null, word()], random) }),
    ...(happens(0.1) && { reasoning_details: [{ type: 'reasoning.encrypted', data: 'SEAL', id: 'rs_1', index: 0 }] }),
  }
}

function callDelta(calls: Call[], making: Making): Loose[] {
  const { random } = making
  const position = Math.floor(random() * 3)
  const call = calls.find(({ name }) => name === `tool${position}`) ?? openCall(calls, position, making)
  const entry: Loose = {
    ...call.place,
    ...(call.id !== undefined && { id: call.id }),
    type: pickFrom(['function', null], random),
  }
  call.id = undefined
  entry.function = {
    name: random() < 0.1 ? null : call.name,
    arguments: call.pieces.shift() ?? pickFrom(['', null], random),
  }
  call.isNamed ||= entry.function.name !== null
  return random() < 0.1 ? [entry, { ...call.place, function: { arguments: '' } }] : [entry]
}

function openCall(calls: Call[], position: number, { random, word }: Making): Call {
  const call: Call = {
    place: { index: position + pickFrom([0, 0, 3], random) },
    name: `tool${position}`,
    pieces: pickFrom(
      [() => [`{"a":`, `"${word()}`, `"}`], () => [`{"b":"${word()}"}`], () => [], () => ['{', '}']],
      random,
    )(),
    id: pickFrom([`call_${position}`, '', null, `odd:${position}.id`], random),
    isNamed: false,
  }
  calls.push(call)
  return call
}

function restOf({ place, name, pieces }: Call): Loose {
  return { ...place, function: { name, arguments: pieces.join('') } }
}

function frameOf(body: Loose, random: Random): string {
  const end = pickFrom(['\n', '\n', '\n', '\r\n', '\r'], random)
  const before = random() < 0.1 ? `: a comment${end}${end}` : ''
  return `${before}data:${pickFrom([' ', ''], random)}${JSON.stringify(body)}${end}${end}`
}
