import type { UpstreamProfile } from '../adapt/profile.ts'
import type { JsonValue } from '../model/json.ts'
import { isJsonArray } from '../model/json.ts'
import type { ConversionOptions } from '../options.ts'
import type { PlaceGuard } from './place-guard.ts'
import { EACH, type Place } from './place.ts'

/** The values that a switch takes, in words for an error, and as a test. */
interface SwitchValues {
  readonly words: string
  readonly accepts: (value: JsonValue) => boolean
}

const FLAG: SwitchValues = { words: 'true or false', accepts: (value) => typeof value === 'boolean' }
/** Relay would put words into the prompt: a rule may switch that off, not on. */
const OFF: SwitchValues = { words: 'false: a rule never lets Relay write words', accepts: (value) => value === false }
const COUNT: SwitchValues = {
  words: 'a whole number from 1 to 100000000',
  accepts: (value) => typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 100_000_000,
}
const TOKEN: SwitchValues = {
  words: 'one word of at most 128 ASCII characters',
  accepts: (value) => typeof value === 'string' && /^[\x21-\x7e]{0,128}$/.test(value),
}
const SPACE: SwitchValues = {
  words: 'white space of at most 4 characters',
  accepts: (value) => typeof value === 'string' && /^\s{0,4}$/.test(value),
}
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

function oneOf(...choices: readonly string[]): SwitchValues {
  return { words: `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`, accepts: isAmong(choices) }
}

function anyOrListOf(...choices: readonly string[]): SwitchValues {
  const isKnown = isAmong(choices)
  return {
    words: `"any" or a list of ${choices.join(', ')}`,
    accepts: (value) => value === 'any' || (isJsonArray(value) && value.every(isKnown)),
  }
}

function listOf(...choices: readonly string[]): SwitchValues {
  const isKnown = isAmong(choices)
  return {
    words: `a list of ${choices.join(', ')}`,
    accepts: (value) => isJsonArray(value) && value.length <= choices.length && value.every(isKnown),
  }
}

function isAmong(choices: readonly string[]): (value: JsonValue) => boolean {
  return (value) => typeof value === 'string' && choices.includes(value)
}

/** Total by type: an option that is added must be judged here. */
const OPTIONS: { readonly [Name in keyof ConversionOptions]: SwitchValues } = {
  textJoin: SPACE,
  reasoningField: oneOf('reasoning_content', 'reasoning', 'both', 'none'),
  sealsToChat: FLAG,
  foreignReasoning: oneOf('drop'),
  parallelCalls: oneOf('balanced', 'serialize', 'eager'),
  bufferToolArguments: FLAG,
  holdStart: FLAG,
  estimateInput: FLAG,
  emptyTextBlock: FLAG,
  toolErrorPrefix: oneOf('', 'Error: '),
  toolExamplesInDescription: OFF,
  serverToolText: FLAG,
  cacheTtl: oneOf('down', 'roundUp'),
  autoCache: FLAG,
  fastTier: TOKEN,
  modelEcho: oneOf('requested', 'upstream'),
  nameInText: OFF,
  verbosityAsText: OFF,
  imageResultsToUser: FLAG,
  reasoningAsContent: FLAG,
  echoUpstream: FLAG,
  strictResponses: FLAG,
  emulateStop: FLAG,
  codeExecution: FLAG,
  forwardMcp: FLAG,
  fixUpstreamStream: FLAG,
  maxRetryAfterMs: COUNT,
  rateLimitHeaders: oneOf('drop', 'map'),
  filters: listOf('thinkTags', 'emulateStop', 'coalesce', 'parallelWrapper'),
}

const DIALECT: { readonly [Name in keyof UpstreamProfile['dialect']]-?: SwitchValues } = {
  reasoningField: oneOf('reasoning_content', 'reasoning', 'none'),
  reasoningReplay: oneOf('none', 'reasoning_content', 'reasoning_details'),
  maxTokensField: oneOf('max_tokens', 'max_completion_tokens', 'auto'),
  systemRole: oneOf('system', 'developer', 'auto'),
  lateSystem: FLAG,
  includeUsage: FLAG,
  thinkTags: FLAG,
  repeatsArguments: FLAG,
  nameFragments: FLAG,
  lenientEnd: FLAG,
  contentMustBeString: FLAG,
  nullContent: oneOf('null', 'empty', 'omit'),
  files: FLAG,
  documentLinks: oneOf('none', 'file_data', 'document_url'),
  toolResultImages: FLAG,
  rejectsEmptyToolResult: FLAG,
  explicitCache: FLAG,
  prewarm: FLAG,
  compactionBeta: TOKEN,
  anthropicVersion: TOKEN,
  betas: {
    words: 'a list of single words',
    accepts: (value) => isJsonArray(value) && value.length <= 50 && value.every(TOKEN.accepts),
  },
  idLimit: COUNT,
  nameLimit: COUNT,
  topK: FLAG,
  customTools: FLAG,
  webSearchOptions: FLAG,
  strictTools: FLAG,
  safetyIdentifier: FLAG,
  userField: FLAG,
  promptCacheKey: FLAG,
  callIds: oneOf('standard', 'nine-alphanumeric'),
  callIdTemplate: TOKEN,
  fetchUrls: FLAG,
  wholeAsStream: FLAG,
  webSearchTool: TOKEN,
  toolSearchTool: TOKEN,
  mcpBeta: TOKEN,
  fastMode: FLAG,
  forcedTools: oneOf('any', 'named', 'none'),
  thinkingSwitch: oneOf('none', 'thinking', 'enable_thinking'),
  parallelToolCalls: FLAG,
  toolsRequiredWithHistory: FLAG,
}

const MODEL: { readonly [Name in keyof UpstreamProfile['model']]-?: SwitchValues } = {
  maxOutputTokens: COUNT,
  sampling: oneOf('allowed', 'rejected', 'reasoning-rules'),
  rejectsTemperatureWithTopP: FLAG,
  thinkingTypes: anyOrListOf('adaptive', 'enabled', 'disabled'),
  thinkingDefault: oneOf('on', 'off', 'unknown'),
  efforts: anyOrListOf(...EFFORTS),
  defaultEffort: oneOf(...EFFORTS),
  disabledThinkingLimitsEffort: FLAG,
  midSystem: FLAG,
  prefill: FLAG,
  structuredOutput: FLAG,
  stop: FLAG,
  forcedToolChoiceWithThinking: FLAG,
  isReasoningModel: FLAG,
}

const SWITCHES: ReadonlyMap<string, SwitchValues> = new Map([
  ...under('/options', OPTIONS),
  ...under('/profile/dialect', DIALECT),
  ...under('/profile/model', MODEL),
  ['/profile/serverTools', oneOf('drop', 'error')],
  [
    '/profile/passthrough',
    {
      words: '"all", "none" or a list of names',
      accepts: (value) =>
        value === 'all' ||
        value === 'none' ||
        (isJsonArray(value) && value.length <= 200 && value.every(TOKEN.accepts)),
    },
  ],
])

/** The guard of the phase `request.ir`: the switches above with the values they take, nothing else. */
export const switchGuard: PlaceGuard = {
  write(place, value) {
    const path = place.map((segment) => (segment === EACH ? '/*' : `/${segment}`)).join('')
    const known = SWITCHES.get(path)
    if (known === undefined) return `is no switch of the conversion; known are ${[...SWITCHES.keys()].join(', ')}`
    return known.accepts(value) ? undefined : `takes ${known.words}`
  },
  remove: refuseAll,
  shorten: refuseAll,
  transfer: refuseAll,
  passesOver: () => true,
  holdsWords: () => true,
}

function refuseAll(_place: Place): string {
  return 'switches can only be set'
}

function under(root: string, switches: Readonly<Record<string, SwitchValues>>): [string, SwitchValues][] {
  return Object.entries(switches).map(([name, values]) => [`${root}/${name}`, values])
}
