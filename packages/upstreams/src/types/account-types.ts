import type { AccountType, ApiFormat, AuthScheme } from '../upstream.ts'

/** What is known about an account type before an operator says anything. */
export interface AccountTypeFacts {
  /** As shown in forms. */
  readonly label: string
  readonly defaultApiFormat: ApiFormat
  /** The formats that every upstream of this type speaks; the first is the preferred one. */
  readonly speaks: readonly ApiFormat[]
  /** Missing: the operator has to name one. */
  readonly defaultBaseUrl?: string
  /** How the credential is shown; `auto` decides by format and credential, see `authHeaders`. */
  readonly authScheme: Readonly<Record<ApiFormat, AuthScheme>>
  /** Id of the capability profile per format. */
  readonly profileIds: Readonly<Record<ApiFormat, string>>
}

const GENERIC_PROFILES: Readonly<Record<ApiFormat, string>> = {
  claude: 'generic-anthropic',
  'openai-chat': 'generic-openai',
  'openai-responses': 'generic-openai',
}

const AUTH_BY_FORMAT: Readonly<Record<ApiFormat, AuthScheme>> = {
  claude: 'auto',
  'openai-chat': 'bearer',
  'openai-responses': 'bearer',
}

/** The account types as data; a new type is a new row. */
export const accountTypes: Readonly<Record<AccountType, AccountTypeFacts>> = {
  ccr: {
    label: 'Custom relay backend (CCR)',
    defaultApiFormat: 'claude',
    speaks: ['claude'],
    authScheme: AUTH_BY_FORMAT,
    profileIds: GENERIC_PROFILES,
  },
  'claude-console': {
    label: 'Claude Console (Anthropic API key)',
    defaultApiFormat: 'claude',
    speaks: ['claude'],
    defaultBaseUrl: 'https://api.anthropic.com',
    authScheme: { ...AUTH_BY_FORMAT, claude: 'x-api-key' },
    profileIds: { ...GENERIC_PROFILES, claude: 'anthropic' },
  },
  responses: {
    label: 'Server with a Responses API',
    defaultApiFormat: 'openai-responses',
    speaks: ['openai-responses'],
    authScheme: AUTH_BY_FORMAT,
    profileIds: GENERIC_PROFILES,
  },
  'openai-responses': {
    label: 'OpenAI',
    defaultApiFormat: 'openai-responses',
    speaks: ['openai-responses', 'openai-chat'],
    defaultBaseUrl: 'https://api.openai.com',
    authScheme: AUTH_BY_FORMAT,
    profileIds: { ...GENERIC_PROFILES, 'openai-chat': 'openai', 'openai-responses': 'openai' },
  },
  'openai-chat': {
    label: 'OpenAI-compatible server',
    defaultApiFormat: 'openai-chat',
    speaks: ['openai-chat'],
    authScheme: AUTH_BY_FORMAT,
    profileIds: GENERIC_PROFILES,
  },
}

/** Whether a foreign value names an account type. */
export function isAccountType(value: unknown): value is AccountType {
  return typeof value === 'string' && Object.hasOwn(accountTypes, value)
}
