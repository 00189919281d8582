import type { AccountType, ApiFormat } from '../upstream.ts'
import { accountTypes } from './account-types.ts'

/** Where a service speaks one format, and which capability profile fits it there. */
export interface PresetEndpoint {
  readonly baseUrl: string
  readonly profileId: string
}

/** A well-known service: fills an account's base URLs and profile. */
export interface Preset {
  readonly id: string
  readonly label: string
  readonly accountType: AccountType
  /** The formats the service speaks natively, each under its own base URL. */
  readonly endpoints: Readonly<Partial<Record<ApiFormat, PresetEndpoint>>>
  /** Environment variable in which its users usually keep the key. */
  readonly keyVariable?: string
}

/** What a preset says of an account. */
export interface PresetConnection {
  readonly type: AccountType
  readonly baseUrl: string
  readonly formatBaseUrls: Readonly<Partial<Record<ApiFormat, string>>>
  /** Native first. */
  readonly apiFormat: 'auto'
  readonly profileId: string
}

/**
 * The shipped presets, in the order in which a form shows them.
 *
 * Source: each service's own API reference. A base URL is data that an operator can change.
 */
export const presets: readonly Preset[] = [
  {
    id: 'anthropic',
    label: 'Anthropic',
    accountType: 'claude-console',
    endpoints: { claude: { baseUrl: 'https://api.anthropic.com', profileId: 'anthropic' } },
    keyVariable: 'ANTHROPIC_API_KEY',
  },
  {
    id: 'openai',
    label: 'OpenAI',
    accountType: 'openai-responses',
    endpoints: {
      'openai-chat': { baseUrl: 'https://api.openai.com/v1', profileId: 'openai' },
      'openai-responses': { baseUrl: 'https://api.openai.com/v1', profileId: 'openai' },
    },
    keyVariable: 'OPENAI_API_KEY',
  },
  {
    id: 'deepseek',
    label: 'DeepSeek',
    accountType: 'openai-chat',
    endpoints: {
      'openai-chat': { baseUrl: 'https://api.deepseek.com', profileId: 'deepseek' },
      claude: { baseUrl: 'https://api.deepseek.com/anthropic', profileId: 'generic-anthropic' },
    },
    keyVariable: 'DEEPSEEK_API_KEY',
  },
  {
    id: 'openrouter',
    label: 'OpenRouter',
    accountType: 'openai-chat',
    endpoints: {
      'openai-chat': { baseUrl: 'https://openrouter.ai/api/v1', profileId: 'openrouter' },
      claude: { baseUrl: 'https://openrouter.ai/api', profileId: 'generic-anthropic' },
      'openai-responses': { baseUrl: 'https://openrouter.ai/api/v1', profileId: 'openrouter' },
    },
    keyVariable: 'OPENROUTER_API_KEY',
  },
  {
    id: 'moonshot',
    label: 'Moonshot AI (Kimi)',
    accountType: 'openai-chat',
    endpoints: {
      'openai-chat': { baseUrl: 'https://api.moonshot.ai/v1', profileId: 'generic-openai' },
      claude: { baseUrl: 'https://api.moonshot.ai/anthropic', profileId: 'generic-anthropic' },
    },
    keyVariable: 'MOONSHOT_API_KEY',
  },
  {
    id: 'glm',
    label: 'Z.ai (GLM)',
    accountType: 'openai-chat',
    endpoints: {
      'openai-chat': { baseUrl: 'https://api.z.ai/api/paas/v4', profileId: 'generic-openai' },
      claude: { baseUrl: 'https://api.z.ai/api/anthropic', profileId: 'generic-anthropic' },
    },
    keyVariable: 'ZAI_API_KEY',
  },
  {
    id: 'qwen',
    label: 'Qwen (DashScope)',
    accountType: 'openai-chat',
    endpoints: {
      'openai-chat': {
        baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
        profileId: 'generic-openai',
      },
      claude: {
        baseUrl: 'https://dashscope-intl.aliyuncs.com/apps/anthropic',
        profileId: 'generic-anthropic',
      },
    },
    keyVariable: 'DASHSCOPE_API_KEY',
  },
  {
    id: 'groq',
    label: 'Groq',
    accountType: 'openai-chat',
    endpoints: {
      'openai-chat': { baseUrl: 'https://api.groq.com/openai/v1', profileId: 'generic-openai' },
      'openai-responses': {
        baseUrl: 'https://api.groq.com/openai/v1',
        profileId: 'generic-openai',
      },
    },
    keyVariable: 'GROQ_API_KEY',
  },
  {
    id: 'mistral',
    label: 'Mistral',
    accountType: 'openai-chat',
    endpoints: {
      'openai-chat': { baseUrl: 'https://api.mistral.ai/v1', profileId: 'generic-openai' },
    },
    keyVariable: 'MISTRAL_API_KEY',
  },
  {
    id: 'xai',
    label: 'xAI (Grok)',
    accountType: 'openai-chat',
    endpoints: {
      'openai-chat': { baseUrl: 'https://api.x.ai/v1', profileId: 'generic-openai' },
      'openai-responses': { baseUrl: 'https://api.x.ai/v1', profileId: 'generic-openai' },
    },
    keyVariable: 'XAI_API_KEY',
  },
  {
    id: 'ollama',
    label: 'Ollama (local)',
    accountType: 'openai-chat',
    endpoints: {
      'openai-chat': { baseUrl: 'http://127.0.0.1:11434/v1', profileId: 'generic-openai' },
      claude: { baseUrl: 'http://127.0.0.1:11434', profileId: 'generic-anthropic' },
      'openai-responses': { baseUrl: 'http://127.0.0.1:11434/v1', profileId: 'generic-openai' },
    },
  },
  {
    id: 'vllm',
    label: 'vLLM (local)',
    accountType: 'openai-chat',
    endpoints: {
      'openai-chat': { baseUrl: 'http://127.0.0.1:8000/v1', profileId: 'vllm' },
    },
  },
]

/** The preset with this id. */
export function findPreset(id: string): Preset | undefined {
  return presets.find((preset) => preset.id === id)
}

/** An account of a preset: a format has an address of its own where the type does not say already that it is spoken at the base URL. */
export function connectionOf({ accountType: type, endpoints }: Preset): PresetConnection {
  const { defaultApiFormat, speaks } = accountTypes[type]
  const { baseUrl, profileId } = endpoints[defaultApiFormat] ?? { baseUrl: '', profileId: '' }
  const isKnown = ([format, endpoint]: [string, PresetEndpoint]): boolean =>
    endpoint.baseUrl === baseUrl && speaks.some((spoken) => spoken === format)
  const others = Object.entries(endpoints).filter((entry) => !isKnown(entry))
  const formatBaseUrls = Object.fromEntries(others.map(([format, endpoint]) => [format, endpoint.baseUrl]))
  return { type, baseUrl, formatBaseUrls, apiFormat: 'auto', profileId }
}
