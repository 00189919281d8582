import type { DecodeAnswerContext, Shortcut } from '../codec.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { stringOf } from '../wire/loose.ts'
import { parseJson } from '../wire/raw-json.ts'
import { argumentsText } from '../wire/tool-arguments.ts'
import type { TellUnread } from '../wire/unread-members.ts'
import type { AnswerBlocks } from './answer-blocks.ts'
import { NAMELESS_CALL, SECOND_NAME } from './answer-losses.ts'
import { CALL, CALLED } from './answer-members.ts'
import { thoughtSeal, thoughtSignatureOf } from './thought-signature.ts'
import { CALL_ID_PREFIX } from './wire.ts'

/** Characters of arguments that may wait for the name of their call. */
const MAX_WAITING_CHARACTERS = 1024 * 1024

/** More calls than any answer makes; the bound keeps a hostile stream from growing our tables. */
const MAX_CALLS = 512

/** An object without members: some servers send it first and the real arguments later. */
const EMPTY_OBJECT = '{}'

/** One call while it comes in. */
interface Call {
  /** Its place among the calls, where the server says it. */
  index: number | undefined
  id: string
  name: string
  readonly form: 'json' | 'free'
  /** It will never be given an id: legacy calls and those of whole messages. */
  readonly mayMintAtOnce: boolean
  /** The block's number; -1 until name and id are settled. */
  block: number
  /** Arguments that came before the block was opened. */
  waiting: string
  hasArguments: boolean
  /** All arguments so far, where the profile needs to look back. */
  seen: string
  /** Google's proof of the thought behind the call. */
  signature: string
  /** `{}` came and is not passed on yet, because the profile says that it may be replaced. */
  holdsEmptyObject: boolean
}

interface CallAssemblyOptions {
  readonly context: DecodeAnswerContext
  readonly tell: TellUnread
  readonly blocks: AnswerBlocks
  /** There are too many calls, or too much waits for a name. */
  readonly overflow: () => void
  /** Entries of a whole message are one call each, whatever their index says. */
  readonly isWhole: boolean
}

/** Puts tool calls together from their fragments, in all the ways in which servers cut them. */
export class CallAssembly {
  readonly #options: CallAssemblyOptions
  readonly #calls: Call[] = []
  #legacy: Call | undefined = undefined

  constructor(options: CallAssemblyOptions) {
    this.#options = options
  }

  /** A call was passed on. */
  get hasAny(): boolean {
    return this.#calls.some((call) => call.block !== -1)
  }

  /** `tool_calls` of one delta or message. */
  push(entries: readonly JsonValue[]): void {
    for (let position = 0; position < entries.length && !this.#isOverflown; position++) {
      const entry = entries[position]
      if (isJsonObject(entry)) this.#pushEntry(entry, position)
    }
  }

  /** For one piece of the arguments of a call that was passed on, and nothing else; see `StreamDecoder`. */
  shortcut(entries: readonly JsonValue[]): Shortcut | undefined {
    const entry = entries.length === 1 ? entries[0] : undefined
    if (!isJsonObject(entry)) return undefined
    const call = this.#callAt(entry['index'])
    const piece = bareArguments(entry)
    if (call === undefined || call.block === -1 || call.form === 'free' || piece === undefined) return undefined
    return { piece, take: (next) => extendCall(call, { name: '', piece: next }, this.#options) }
  }

  /** The legacy `function_call` of one delta or message. */
  pushLegacy(fragment: JsonObject): void {
    this.#options.tell(fragment, CALLED)
    const part = { name: stringOf(fragment['name']), piece: argumentsText(fragment['arguments']) }
    if (this.#legacy === undefined && part.name === '' && part.piece === '') return
    this.#legacy ??= this.#add('json', true)
    extendCall(this.#legacy, part, this.#options)
  }

  /** The answer is over: opens calls that still wait, drops those without a name. */
  finish(): void {
    for (const call of this.#calls) finishCall(call, this.#options)
    if (this.#calls.some((call) => call.name === '')) this.#options.context.report(NAMELESS_CALL)
  }

  /** False when the arguments of a call are no JSON (yet). Only known for profiles with `lenientEnd`. */
  areComplete(): boolean {
    return this.#calls.every((call) => parseJson(call.seen) !== undefined)
  }

  get #isOverflown(): boolean {
    return this.#calls.length > MAX_CALLS
  }

  #pushEntry(entry: JsonObject, position: number): void {
    const { tell } = this.#options
    const call = this.#resolve(entry, position)
    if (call.id === '') call.id = stringOf(entry['id'])
    if (isJsonObject(entry['extra_content'])) call.signature ||= thoughtSignatureOf(entry['extra_content'])
    const body = bodyOf(entry)
    tell(entry, CALL)
    tell(body, CALLED)
    const piece = argumentsText(body[call.form === 'free' ? 'input' : 'arguments'])
    extendCall(call, { name: stringOf(body['name']), piece }, this.#options)
  }

  #resolve(entry: JsonObject, position: number): Call {
    const form = isJsonObject(entry['custom']) ? 'free' : 'json'
    if (this.#options.isWhole) return this.#add(form, true)
    const call = this.#known(entry, position) ?? this.#add(form, false)
    const { index } = entry
    if (typeof index === 'number') call.index ??= index
    return call
  }

  #known(entry: JsonObject, position: number): Call | undefined {
    const id = stringOf(entry['id'])
    const name = stringOf(bodyOf(entry)['name'])
    const index = entry['index']
    if (typeof index === 'number' && Number.isFinite(index)) return continued(this.#callAt(index), id, name)
    if (id !== '') return this.#calls.findLast((call) => call.id === id)
    // Two entries of one chunk that nothing tells apart are two calls when the second has a name of its own.
    return position > 0 && name !== '' ? undefined : continued(this.#calls.at(-1), id, name)
  }

  #callAt(index: JsonValue | undefined): Call | undefined {
    return index === undefined ? undefined : this.#calls.findLast((call) => call.index === index)
  }

  #add(form: Call['form'], mayMintAtOnce: boolean): Call {
    const call = createCall(form, mayMintAtOnce)
    this.#calls.push(call)
    if (this.#isOverflown) this.#options.overflow()
    return call
  }
}

function createCall(form: Call['form'], mayMintAtOnce: boolean): Call {
  return {
    index: undefined,
    id: '',
    name: '',
    form,
    mayMintAtOnce,
    block: -1,
    waiting: '',
    hasArguments: false,
    seen: '',
    signature: '',
    holdsEmptyObject: false,
  }
}

interface Fragment {
  readonly name: string
  readonly piece: string
}

function extendCall(call: Call, fragment: Fragment, options: CallAssemblyOptions): void {
  const { name, piece } = fragment
  const { nameFragments } = options.context.profile.dialect
  const wasNamed = call.name !== ''
  if (!wasNamed) call.name = name
  else if (name !== '' && name !== call.name) takeOtherName(call, name, options)
  if (call.block === -1 && call.name !== '' && isSettled(call, fragment, { wasNamed, nameFragments }))
    openCall(call, options)
  if (piece === '') return
  call.hasArguments = true
  takePiece(call, piece, options)
}

/** A second name, before any arguments: a piece of the name with some servers, a contradiction with others. */
function takeOtherName(call: Call, name: string, { context }: CallAssemblyOptions): void {
  if (context.profile.dialect.nameFragments && call.block === -1) call.name += name
  else context.report(SECOND_NAME)
}

/** Whether name and id will not change any more. A call without an id waits for one until arguments follow its name. */
function isSettled(
  call: Call,
  { piece }: Fragment,
  { wasNamed, nameFragments }: { wasNamed: boolean; nameFragments: boolean },
): boolean {
  if (call.mayMintAtOnce) return true
  const isNameSettled = !nameFragments || piece !== ''
  return isNameSettled && (call.id !== '' || (wasNamed && piece !== ''))
}

function openCall(call: Call, options: CallAssemblyOptions): void {
  const { blocks, context } = options
  if (call.id === '') call.id = CALL_ID_PREFIX + context.newId()
  if (call.signature !== '') blocks.prove(thoughtSeal(call.signature, call.id))
  call.block = blocks.openCall({ type: 'tool-call', id: call.id, name: call.name, form: call.form })
  const waiting = call.waiting
  call.waiting = ''
  if (waiting !== '') passOn(call, waiting, options)
}

function takePiece(call: Call, piece: string, options: CallAssemblyOptions): void {
  if (call.block !== -1) return passOn(call, piece, options)
  call.waiting += piece
  if (call.waiting.length > MAX_WAITING_CHARACTERS) options.overflow()
}

function passOn(call: Call, piece: string, options: CallAssemblyOptions): void {
  const { repeatsArguments, lenientEnd } = options.context.profile.dialect
  if (repeatsArguments) return passOnUnrepeated(call, piece, options)
  if (lenientEnd) call.seen += piece
  options.blocks.delta(call.block, piece)
}

/** For upstreams that repeat the whole arguments at the end, or send `{}` before the real ones. */
function passOnUnrepeated(call: Call, piece: string, options: CallAssemblyOptions): void {
  if (call.seen === '' && piece === EMPTY_OBJECT) {
    call.seen = piece
    call.holdsEmptyObject = true
    return
  }
  if (piece === call.seen && isJsonObject(parseJson(piece))) return
  if (call.holdsEmptyObject) {
    call.holdsEmptyObject = false
    if (piece.startsWith('{')) call.seen = ''
    else options.blocks.delta(call.block, EMPTY_OBJECT)
  }
  call.seen += piece
  options.blocks.delta(call.block, piece)
}

function finishCall(call: Call, options: CallAssemblyOptions): void {
  if (call.block === -1 && call.name !== '') openCall(call, options)
  if (call.holdsEmptyObject) options.blocks.delta(call.block, EMPTY_OBJECT)
  call.holdsEmptyObject = false
}

/**
 * The call that an entry seems to go on with, unless it begins another one: some servers give every call index 0, or none.
 * A name that comes after arguments of a call with another name is the next call's.
 */
function continued(call: Call | undefined, id: string, name: string): Call | undefined {
  if (call === undefined || name === '') return call
  const hasOtherId = id !== '' && call.id !== '' && id !== call.id
  const hasOtherName = id === '' && call.hasArguments && call.name !== '' && name !== call.name
  return hasOtherId || hasOtherName ? undefined : call
}

const NO_BODY: JsonObject = {}

function bodyOf(entry: JsonObject): JsonObject {
  if (isJsonObject(entry['custom'])) return entry['custom']
  return isJsonObject(entry['function']) ? entry['function'] : NO_BODY
}

/** The arguments in an entry that says nothing else of its call. */
function bareArguments({ index: _index, type: _type, function: body, ...rest }: JsonObject): string | undefined {
  if (!isJsonObject(body)) return undefined
  const { arguments: piece, ...more } = body
  const saysMore = [...Object.values(rest), ...Object.values(more)].some((value) => value !== null && value !== '')
  return typeof piece === 'string' && !saysMore ? piece : undefined
}
