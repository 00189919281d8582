import type { FormatName } from '../model/format-name.ts'
import type { ProfileOverrides, UpstreamDialect, UpstreamProfile } from './profile.ts'

/** A named upstream: how it differs from the plain dialect of its format. Plain data. */
export interface Preset extends ProfileOverrides {
  readonly format: FormatName
  /** What differs where the vendor is spoken to in the Responses format. */
  readonly responses?: Partial<UpstreamDialect>
}

/** Extras of third-party servers that are of no vendor's format but widely understood. */
const GENERIC_PASSTHROUGH = [
  'top_k',
  'min_p',
  'repetition_penalty',
  'provider',
  'transforms',
  'models',
  'route',
  'plugins',
  'chat_template_kwargs',
  'guided_json',
  'extra_body',
] as const

/** What any server of the Chat format may be expected to take. */
const PLAIN_CHAT: UpstreamDialect = {
  reasoningField: 'reasoning_content',
  reasoningReplay: 'none',
  maxTokensField: 'auto',
  systemRole: 'auto',
  lateSystem: true,
  includeUsage: true,
  thinkTags: false,
  repeatsArguments: false,
  nameFragments: false,
  lenientEnd: false,
  contentMustBeString: false,
  nullContent: 'null',
  files: true,
  documentLinks: 'none',
  toolResultImages: false,
  rejectsEmptyToolResult: false,
  explicitCache: false,
  prewarm: false,
  compactionBeta: '',
  anthropicVersion: '2023-06-01',
  betas: [],
  idLimit: 64,
  nameLimit: 64,
  topK: false,
  customTools: false,
  webSearchOptions: false,
  strictTools: true,
  safetyIdentifier: false,
  userField: true,
  promptCacheKey: false,
  callIds: 'standard',
  callIdTemplate: '',
  fetchUrls: false,
  wholeAsStream: false,
  webSearchTool: '',
  toolSearchTool: '',
  mcpBeta: '',
  fastMode: false,
  forcedTools: 'any',
  thinkingSwitch: 'none',
  parallelToolCalls: true,
  toolsRequiredWithHistory: false,
}

/** What any server of the Responses format may be expected to take. */
const PLAIN_RESPONSES: UpstreamDialect = { ...PLAIN_CHAT, toolResultImages: true, customTools: true }

/** What OpenAI's own services take. */
const OPENAI: Partial<UpstreamDialect> = {
  reasoningField: 'none',
  maxTokensField: 'max_completion_tokens',
  customTools: true,
  webSearchOptions: false, // of Chat only the search models take it; an account of those sets it
  safetyIdentifier: true,
  promptCacheKey: true,
}

/** What any server of the Messages format may be expected to take. */
const PLAIN_MESSAGES: UpstreamDialect = {
  ...PLAIN_CHAT,
  reasoningField: 'none',
  maxTokensField: 'max_tokens',
  toolResultImages: true,
  explicitCache: true,
  idLimit: 256,
  nameLimit: 64, // the format allows 128, some gateways less
  topK: true,
  strictTools: false,
}

/** Classic Chat servers: `max_tokens`, role `system`, nothing of OpenAI's newer fields. */
const CLASSIC: Partial<UpstreamDialect> = {
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  files: false,
  strictTools: false,
}

/** The plain dialect that presets of a format are laid over. */
export function plainDialect(format: FormatName): UpstreamDialect {
  switch (format) {
    case 'anthropic-messages':
      return PLAIN_MESSAGES
    case 'openai-responses':
      return PLAIN_RESPONSES
    case 'openai-chat':
    case 'gemini':
      return PLAIN_CHAT
  }
}

/** The preset of an id; `undefined` for ids that an operator made up. */
export function findPreset(id: string): Preset | undefined {
  return PRESETS.get(id)
}

/**
 * What vendors' own documents say, unless marked `(?)`: that comes from recorded answers or reports of users, and an
 * account that knows better overrides it.
 */
const PRESETS: ReadonlyMap<string, Preset> = new Map<string, Preset>([
  [
    'anthropic',
    {
      format: 'anthropic-messages',
      dialect: {
        nameLimit: 128,
        strictTools: true,
        webSearchTool: 'web_search_20250305',
        mcpBeta: 'mcp-client-2025-11-20',
        fastMode: true,
      },
    },
  ],
  ['generic-anthropic', { format: 'anthropic-messages' }],
  ['openai', { format: 'openai-chat', dialect: OPENAI, responses: { webSearchOptions: true } }],
  [
    'azure',
    {
      format: 'openai-chat',
      dialect: { ...OPENAI, idLimit: 40, files: false, customTools: false, safetyIdentifier: false }, // (?) newer deployments take more
    },
  ],
  ['generic-openai', { format: 'openai-chat', passthrough: GENERIC_PASSTHROUGH }],
  [
    'deepseek',
    {
      format: 'openai-chat',
      dialect: {
        ...CLASSIC,
        reasoningReplay: 'reasoning_content', // wanted back in a tool loop
        thinkingSwitch: 'thinking',
        contentMustBeString: true,
        parallelToolCalls: false,
      },
      model: { efforts: ['low', 'high', 'max'], structuredOutput: false }, // api-docs.deepseek.com, guide "Thinking Mode"
    },
  ],
  [
    'openrouter',
    {
      format: 'openai-chat',
      dialect: {
        reasoningField: 'reasoning',
        reasoningReplay: 'reasoning_details',
        maxTokensField: 'max_tokens',
        documentLinks: 'file_data',
        topK: true,
      },
      model: { efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] },
      passthrough: GENERIC_PASSTHROUGH,
    },
  ],
  [
    'vllm',
    {
      format: 'openai-chat',
      dialect: { ...CLASSIC, reasoningField: 'reasoning', topK: true, repeatsArguments: true, strictTools: true },
      model: { efforts: ['low', 'medium', 'high'] },
      passthrough: GENERIC_PASSTHROUGH,
    },
  ],
  [
    'ollama',
    {
      format: 'openai-chat',
      dialect: { ...CLASSIC, reasoningField: 'reasoning', thinkTags: true, forcedTools: 'none' }, // (?) it ignores tool_choice
      model: { efforts: ['none', 'low', 'medium', 'high'] },
    },
  ],
  [
    'groq',
    {
      format: 'openai-chat',
      dialect: {
        ...CLASSIC,
        reasoningField: 'reasoning',
        maxTokensField: 'max_completion_tokens',
        thinkTags: true, // Qwen models answer raw unless they are asked for parsed reasoning
      },
    },
  ],
  [
    'mistral',
    {
      format: 'openai-chat',
      dialect: {
        ...CLASSIC,
        reasoningField: 'none', // it comes as parts of the content
        callIds: 'nine-alphanumeric', // its refusal: "must be a-z, A-Z, 0-9, with a length of 9"
        includeUsage: false, // always there, and asking for it is refused
        nullContent: 'empty',
        files: true,
        documentLinks: 'document_url',
        userField: false,
        promptCacheKey: true,
      },
      model: { efforts: [] },
    },
  ],
  [
    'xai',
    {
      format: 'openai-chat',
      dialect: CLASSIC,
      model: { efforts: ['low', 'medium', 'high'] }, // all of Grok 4.3 to 4.7; some also `none` or `xhigh` (docs.x.ai, 2026-10)
    },
  ],
  [
    'moonshot',
    {
      format: 'openai-chat',
      dialect: {
        ...CLASSIC,
        reasoningReplay: 'reasoning_content',
        thinkingSwitch: 'thinking',
        forcedTools: 'none', // (?) refused while the model thinks
        callIdTemplate: 'functions.{name}:{n}', // its models were trained on these; Messages has no such ids
      },
      model: { efforts: [], structuredOutput: false },
    },
  ],
  [
    'glm',
    {
      format: 'openai-chat',
      dialect: {
        ...CLASSIC,
        reasoningReplay: 'reasoning_content',
        thinkingSwitch: 'thinking',
        forcedTools: 'none',
        userField: false, // (?) it is called user_id, and has rules of its own
      },
      model: { efforts: ['low', 'high', 'max'], structuredOutput: false },
    },
  ],
  [
    'qwen',
    {
      format: 'openai-chat',
      dialect: { ...CLASSIC, thinkingSwitch: 'enable_thinking', forcedTools: 'named', topK: true },
      model: { efforts: [], structuredOutput: false },
    },
  ],
])

/** Ids of the presets that ship, in the order in which a panel lists them. */
export const PRESET_IDS: readonly string[] = [...PRESETS.keys()]

/** What presets leave open. */
export const PRESET_DEFAULTS: Pick<UpstreamProfile, 'serverTools' | 'passthrough'> = {
  serverTools: 'drop',
  passthrough: 'none',
}
