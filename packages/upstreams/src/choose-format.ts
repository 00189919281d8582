import type { FormatName } from '@relay/format-converter'

import { accountTypes } from './types/account-types.ts'
import type { AccountTypeFacts } from './types/account-types.ts'
import { UpstreamError } from './upstream-error.ts'
import type { ApiFormat, UpstreamAccount, UpstreamChoice } from './upstream.ts'
import { endpointFormat } from './url.ts'

/** The converter's names of the API formats. */
const FORMATS: Readonly<Record<ApiFormat, FormatName>> = {
  claude: 'anthropic-messages',
  'openai-chat': 'openai-chat',
  'openai-responses': 'openai-responses',
}

/**
 * Chooses what is sent to an account and how its answer is read.
 *
 * With `apiFormat: 'auto'` the client's own format wins where the upstream is known to speak it
 * (native first), then the type's default, then any other format it speaks.
 *
 * @throws UpstreamError `base-url-missing`
 */
export function chooseUpstreamFormat(account: UpstreamAccount, clientFormat: FormatName): UpstreamChoice {
  const type = accountTypes[account.type]
  const apiFormat = chooseApiFormat(account, type, clientFormat)
  const format = FORMATS[apiFormat]
  return {
    apiFormat,
    format,
    answerFormat: chooseAnswerFormat(account, format),
    recogniseAnswer: (account.responseFormat ?? 'auto') === 'auto',
    baseUrl: chooseBaseUrl(account, type, apiFormat),
    profileId: type.profileIds[apiFormat],
  }
}

/**
 * The formats that an account is known to speak: its type's, or the one that its base URL is an endpoint of, and those
 * with a base URL of their own.
 */
export function spokenFormats(account: UpstreamAccount): readonly ApiFormat[] {
  const only = endpointFormat(account.baseUrl)
  const spoken = new Set<ApiFormat>(only === undefined ? accountTypes[account.type].speaks : [only])
  const own = account.formatBaseUrls ?? {}
  for (const name of ['claude', 'openai-chat', 'openai-responses'] as const) {
    if (isFilled(own[name])) spoken.add(name)
  }
  return [...spoken]
}

function chooseApiFormat(account: UpstreamAccount, type: AccountTypeFacts, clientFormat: FormatName): ApiFormat {
  const setting = account.apiFormat ?? type.defaultApiFormat
  if (setting !== 'auto') return setting
  const spoken = spokenFormats(account)
  const native = spoken.find((name) => FORMATS[name] === clientFormat)
  const [first = type.defaultApiFormat] = spoken
  return native ?? (spoken.includes(type.defaultApiFormat) ? type.defaultApiFormat : first)
}

function chooseAnswerFormat(account: UpstreamAccount, sent: FormatName): FormatName {
  switch (account.responseFormat ?? 'auto') {
    case 'auto':
      return sent
    case 'claude':
      return 'anthropic-messages'
    case 'openai':
      // A backend that takes Claude requests and answers in OpenAI's family answers in Chat.
      return sent === 'anthropic-messages' ? 'openai-chat' : sent
  }
}

function chooseBaseUrl(account: UpstreamAccount, type: AccountTypeFacts, apiFormat: ApiFormat): string {
  const candidates = [account.formatBaseUrls?.[apiFormat], account.baseUrl, type.defaultBaseUrl]
  const baseUrl = candidates.find(isFilled)
  if (baseUrl !== undefined) return baseUrl
  throw new UpstreamError(
    'base-url-missing',
    `account "${account.name}" has no base URL for API format "${apiFormat}"; set baseUrl, or formatBaseUrls["${apiFormat}"]`,
  )
}

function isFilled(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}
