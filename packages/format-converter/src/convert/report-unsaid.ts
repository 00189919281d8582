import type { AnswerEvent, OpenPart } from '../model/answer-event.ts'
import type { Citation } from '../model/content-part.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.ts'
import type { LossCode, ReportLoss } from '../model/loss.ts'
import type { Usage } from '../model/usage.ts'
import { isOpenAiTier } from '../wire/openai-tiers.ts'

/** Whose answer goes to whom. */
export interface Telling {
  readonly client: FormatName
  readonly upstream: FormatName
  readonly isStream: boolean
  readonly report: ReportLoss
}

/** Token counts that a format has no word for. Relay's own record has them all. */
const UNSAID_COUNTS: { readonly [Client in FormatName]?: readonly (keyof Usage)[] } = {
  'anthropic-messages': ['inputAudio', 'outputAudio', 'acceptedPrediction', 'rejectedPrediction'],
  'openai-chat': ['cacheWrite1h', 'webSearches', 'webFetches'],
  'openai-responses': [
    'cacheWrite1h',
    'webSearches',
    'webFetches',
    'inputAudio',
    'outputAudio',
    'acceptedPrediction',
    'rejectedPrediction',
  ],
}

/** Tiers that an answer of Messages can name, by their neutral words; `auto` names none. */
const MESSAGES_TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'priority', 'flex'])

/** What a citation of a Chat server may quote. Messages has a place for it. */
const QUOTE = ['content'] as const

/** Members of a citation that only one of the two vendors has. */
const CITATION_MEMBERS = ['cited_text', 'encrypted_index', 'start_index', 'end_index'] as const

/** Members of a refusal's details whose fate the encoders know. */
const TOLD_OF_REFUSAL: ReadonlySet<string> = new Set(['type', 'explanation'])
const NONE_TOLD: ReadonlySet<string> = new Set()

/** Members of Anthropic's results of a search that OpenAI's lists of sources lack. */
const RESULT_MEMBERS = ['title', 'page_age', 'encrypted_content'] as const

/**
 * Watches an answer's events for facts beside its content that the client's format has no word for, and reports each kind
 * once. All of them are of the level `info`: they change nothing of what was answered.
 */
export function createUnsaidReporter(telling: Telling): (event: AnswerEvent) => void {
  const { client, upstream } = telling
  if (client === upstream) return () => {}
  /** Made with the first fact: most answers have none. */
  let told: Set<string> | undefined
  const tell: Tell = (path, message, code = 'param_unsupported') => {
    told ??= new Set()
    if (told.has(path)) return
    told.add(path)
    telling.report({ code, level: 'info', path, message })
  }
  return (event) => watch(event, telling, tell)
}

type EventOf<Type extends AnswerEvent['type']> = Extract<AnswerEvent, { type: Type }>

type Tell = (path: string, message: string, code?: LossCode) => void

function watch(event: AnswerEvent, telling: Telling, tell: Tell): void {
  switch (event.type) {
    case 'start':
      return tellStart(event, telling, tell)
    case 'usage':
      return tellCounts(event.usage, telling, tell)
    case 'citation':
      return tellCitation(event.citation, telling, tell)
    case 'open':
      return tellPart(event.part, telling, tell)
    case 'finish':
      return tellFinish(event, telling, tell)
    default:
  }
}

function tellStart({ fingerprint }: EventOf<'start'>, { client }: Telling, tell: Tell): void {
  if (fingerprint !== undefined && client !== 'openai-chat')
    tell('#system_fingerprint', 'only Chat names a configuration of its servers')
}

function tellFinish({ reason, stopSequence, details }: EventOf<'finish'>, { client }: Telling, tell: Tell): void {
  if (reason === 'unknown') tell('#finish', 'the upstream gave no reason to stop that is known, so it just stopped')
  if (client === 'anthropic-messages') return
  if (stopSequence !== undefined)
    tell('#stop_sequence', 'OpenAI does not say which stop sequence was met', 'stop_unsupported')
  const told = reason === 'refusal' ? TOLD_OF_REFUSAL : NONE_TOLD
  const facts = Object.entries(details ?? {}).filter(
    ([name, value]) => value !== null && !(told.has(name) && typeof value === 'string'),
  )
  if (facts.length > 0) tell('#stop_details', 'of the details of a stop, OpenAI tells a refusal’s explanation alone')
}

function tellPart(part: OpenPart, { client }: Telling, tell: Tell): void {
  if (part.type === 'server-tool') tellResults(part.raw['content'], tell)
  if (part.type === 'tool-call' && part.namespace !== undefined && client !== 'openai-responses')
    tell('#namespace', 'only Responses tells the namespace of a called tool')
}

/** OpenAI's two formats tell of citations alike. */
function isOtherVendor({ client, upstream }: Telling): boolean {
  return (client === 'anthropic-messages') !== (upstream === 'anthropic-messages')
}

function tellCounts(usage: Usage, { client, isStream }: Telling, tell: Tell): void {
  for (const name of UNSAID_COUNTS[client] ?? []) {
    const isCounted = typeof usage[name] === 'number' && usage[name] > 0
    if (isCounted) tell(`#usage/${name}`, `the client's format has no word for the count ${name}`, 'usage_missing')
  }
  const reason = usage.serviceTier === undefined ? undefined : whyNoTier(usage.serviceTier, client, isStream)
  if (reason !== undefined) tell('#service_tier', reason, 'service_tier_changed')
}

function whyNoTier(tier: string, client: FormatName, isStream: boolean): string | undefined {
  if (client !== 'anthropic-messages') {
    const isKnown = isOpenAiTier(tier) && !(client === 'openai-chat' && tier === 'ultrafast')
    return isKnown ? undefined : 'the client’s format has no word for the tier'
  }
  if (isStream) return 'the end of a Messages stream has no place for the tier'
  return MESSAGES_TIERS.has(tier) ? undefined : 'Messages has no word for the tier, so it names the standard one'
}

/** Where a citation stands, and what it quotes, is told in one vendor's way or the other; a title only if it is a text. */
function tellCitation({ url, raw }: Citation, telling: Telling, tell: Tell): void {
  if (url === undefined) return // the encoder says that it is lost as a whole
  const members = isJsonObject(raw['url_citation']) ? raw['url_citation'] : raw
  if (typeof (members['title'] ?? '') !== 'string')
    tell('#citation/title', 'the title of a citation is not told where it is no text', 'citation_dropped')
  for (const name of isOtherVendor(telling) ? CITATION_MEMBERS : QUOTE) {
    if (name in members)
      tell(`#citation/${name}`, `${name} of a citation is not told by the other vendor`, 'citation_dropped')
  }
}

function tellResults(content: JsonValue | undefined, tell: Tell): void {
  for (const result of isJsonArray(content) ? content : []) {
    for (const name of RESULT_MEMBERS) {
      if (isJsonObject(result) && name in result)
        tell(`#web_search_result/${name}`, 'of what a search found, only the address is told', 'server_tool_dropped')
    }
  }
}
