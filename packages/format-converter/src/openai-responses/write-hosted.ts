import type { OpenPart } from '../model/answer-event.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { lossOfPart } from '../model/lost-part.ts'
import type { Seal } from '../model/seal.ts'
import { objectsOf, optionalString, stringOf } from '../wire/loose.ts'
import { SEARCH_ERROR } from './answer-losses.ts'
import type { AnswerWriter, ItemWriter } from './answer-writer.ts'
import { sealForClient } from './reasoning.ts'
import { ITEM_PREFIX } from './wire.ts'

type HostedPart = OpenPart & { type: 'server-tool' | 'opaque' }

/** A web search of another vendor that waits for its result. */
export interface PendingSearch {
  readonly callId: string
  readonly query: string | undefined
}

/** What the hosted items of one answer share. */
export interface HostedState {
  readonly writer: AnswerWriter
  search: PendingSearch | undefined
}

/** A block that only its vendor knows: this format's own items as they came, a web search as the item it has for it. */
export function createHostedWriter(state: HostedState, part: HostedPart): ItemWriter {
  let final = isJsonObject(part.raw) ? part.raw : undefined
  const position = part.format === 'openai-responses' ? state.writer.nextPosition() : undefined
  return {
    ignoresText: true,
    delta: () => '',
    boundary: () => '',
    cite: () => {},
    seal: () => {},
    close: (raw) => {
      final = raw ?? final
    },
    finish: () =>
      position !== undefined && final !== undefined
        ? writeWhole(state.writer, position, final)
        : writeForeign(state, part, final),
  }
}

function writeForeign(state: HostedState, part: HostedPart, raw: JsonObject | undefined): string {
  const { writer } = state
  if (raw !== undefined && part.type === 'server-tool') {
    const search = searchOf(raw)
    if (search !== undefined) {
      const earlier = finishSearch(state)
      state.search = search
      return earlier
    }
    const pending = state.search
    if (pending !== undefined && isResultOf(raw, pending)) return finishWithResult(state, raw['content'])
  }
  writer.context.report(lossOfPart(part, 'openai-responses'))
  return ''
}

/** An item of this format as it came; ids that it lacks or shares are made anew. */
function writeWhole(writer: AnswerWriter, position: number, raw: JsonObject): string {
  const type = stringOf(raw['type'])
  const id = writer.itemId(ITEM_PREFIX.other, stringOf(raw['id']))
  const callId = type.startsWith('shell_call') ? { call_id: writer.callId(stringOf(raw['call_id']) || id, type) } : {}
  const item = { ...raw, id, ...callId }
  return writer.add(position, item) + writer.finish(position, item)
}

/** Anthropic spells a search as a call and a result, each a block of its own. */
function searchOf(raw: JsonObject): PendingSearch | undefined {
  if (raw['type'] !== 'server_tool_use' || raw['name'] !== 'web_search') return undefined
  const input = raw['input']
  return { callId: stringOf(raw['id']), query: isJsonObject(input) ? optionalString(input['query']) : undefined }
}

function isResultOf(raw: JsonObject, search: PendingSearch): boolean {
  return raw['type'] === 'web_search_tool_result' && raw['tool_use_id'] === search.callId
}

/** What a search found is a list; anything else says that it failed. */
function finishWithResult(state: HostedState, content: JsonValue | undefined): string {
  if (isJsonArray(content)) return finishSearch(state, { status: 'completed', sources: sourcesOf(content) })
  state.writer.context.report(SEARCH_ERROR)
  return finishSearch(state, { status: 'failed', sources: [] })
}

function sourcesOf(content: readonly JsonValue[]): readonly JsonObject[] {
  return objectsOf(content).flatMap((result) => {
    const url = optionalString(result['url'])
    return url === undefined ? [] : { type: 'url', url }
  })
}

/** How a search ended. */
interface SearchOutcome {
  readonly status: 'completed' | 'failed'
  readonly sources: readonly JsonObject[]
}

const NOTHING_FOUND: SearchOutcome = { status: 'completed', sources: [] }

/** Writes the search that waits; also at the end of an answer whose search never had a result. */
export function finishSearch(state: HostedState, outcome: SearchOutcome = NOTHING_FOUND): string {
  const { writer, search } = state
  if (search === undefined) return ''
  state.search = undefined
  const id = writer.itemId(ITEM_PREFIX.webSearch)
  const position = writer.nextPosition()
  const place = { item_id: id, output_index: position }
  const query = search.query === undefined ? {} : { query: search.query, queries: [search.query] }
  const { status, sources } = outcome
  const action = { type: 'search', ...query, sources }
  return (
    writer.add(position, { id, type: 'web_search_call', status: 'in_progress', action: { type: 'search', ...query } }) +
    writer.event('response.web_search_call.in_progress', place) +
    writer.event('response.web_search_call.searching', place) +
    (status === 'completed' ? writer.event('response.web_search_call.completed', place) : '') +
    writer.finish(position, { id, type: 'web_search_call', status, action })
  )
}

/**
 * A vendor's summary of the conversation: the vendor's own item, or its proof in an envelope, with the text that this
 * format has no place for.
 */
export function createCompactionWriter(writer: AnswerWriter): ItemWriter {
  const texts: string[] = []
  let proof: Seal | undefined
  let members: JsonObject = {}
  return {
    delta: (text) => {
      writer.keep(text.length)
      texts.push(text)
      return ''
    },
    boundary: () => '',
    cite: () => {},
    seal: (seal) => {
      proof = seal
    },
    close: (raw = {}) => {
      const others = Object.entries(raw).filter(([name]) => name !== 'type' && name !== 'encrypted_content')
      members = { ...Object.fromEntries(others), content: texts.length === 0 ? null : texts.join('') }
    },
    finish: () => {
      const known = proof ?? proofOfText(texts, writer.context)
      if (known === undefined) {
        writer.context.report(lossOfPart({ type: 'compaction' }, 'openai-responses'))
        return ''
      }
      const id = known.format === 'openai-responses' ? known.itemId : undefined
      const content = sealForClient({ ...known, members }, writer.context.issuer)
      return writeWhole(writer, writer.nextPosition(), {
        id: id ?? ITEM_PREFIX.compaction + writer.context.newId(),
        type: 'compaction',
        encrypted_content: content,
      })
    },
  }
}

/** A summary that is nothing but text travels in an envelope without a proof. */
function proofOfText(texts: readonly string[], { upstreamFormat }: AnswerWriter['context']): Seal | undefined {
  if (texts.length === 0 || upstreamFormat !== 'anthropic-messages') return undefined
  return { kind: 'anthropic-compaction', format: upstreamFormat, value: '' }
}
