import { ACCOUNT_TYPES } from '@relay/account-store'
import type { AccountStore } from '@relay/account-store'
import { profiles } from '@relay/format-converter'
import {
  accountTypes,
  buildUpstreamUrl,
  chooseUpstreamFormat,
  connectionOf,
  presets,
  UpstreamError,
} from '@relay/upstreams'
import type { Preset, UpstreamAccount } from '@relay/upstreams'

import { accountOptionsSchema, accountPreviewInputSchema, accountPreviewSchema } from './contract/index.ts'
import type { AccountOptions, AccountPreview, AccountPreviewInput, AdminWireFormat } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

const CLIENT_FORMATS: readonly AdminWireFormat[] = ['anthropic-messages', 'openai-chat', 'openai-responses']

/** What the form of an account needs to know before anything is saved. */
export function addAccountFormRoutes({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/account-options',
      summary: 'Names what a form offers: types, presets, groups and failure classes.',
      role: 'auditor',
      scope: 'accounts:read',
      answer: accountOptionsSchema,
    },
    async () => describeOptions(store),
  )
  add(
    {
      method: 'POST',
      path: '/account-preview',
      summary:
        'Says where requests of such an account would go, and which host would get the credential. Nothing is sent.',
      role: 'auditor',
      scope: 'accounts:read',
      body: accountPreviewInputSchema,
      answer: accountPreviewSchema,
    },
    async ({ body }) => preview(body),
  )
}

async function describeOptions(store: AccountStore): Promise<AccountOptions> {
  const [accounts, keys] = await Promise.all([store.listAccounts(), store.listRelayKeys()])
  const groups = [
    ...accounts.flatMap((account) => account.groups),
    ...keys.flatMap((key) => key.permissions.groups ?? []),
  ]
  return {
    types: ACCOUNT_TYPES.map((type) => {
      const { label, defaultApiFormat, defaultBaseUrl } = accountTypes[type]
      return { type, label, defaultApiFormat, defaultBaseUrl }
    }),
    presets: presets.map(describePreset),
    groups: [...new Set(groups)].toSorted(),
  }
}

function describePreset(preset: Preset): AccountOptions['presets'][number] {
  const { id, label, keyVariable } = preset
  const { formatBaseUrls, ...connection } = connectionOf(preset)
  return { id, label, ...connection, formatBaseUrls: { ...formatBaseUrls }, needsCredential: keyVariable !== undefined }
}

function preview(input: AccountPreviewInput): AccountPreview {
  const account: UpstreamAccount = { ...input, id: 'preview', name: 'preview' }
  try {
    const routes = CLIENT_FORMATS.map((client) => {
      const choice = chooseUpstreamFormat(account, client)
      const url = buildUpstreamUrl(choice.baseUrl, choice.apiFormat)
      return { client, upstream: choice.format, answer: choice.answerFormat, url }
    })
    const urls = routes.map(({ url }) => new URL(url))
    return {
      hosts: [...new Set(urls.map(({ host }) => host))],
      isPlain: urls.some(({ protocol, hostname }) => protocol === 'http:' && !isOwnMachine(hostname)),
      routes,
      flags: shippedFlags(account),
    }
  } catch (error) {
    if (!UpstreamError.is(error)) throw error
    return { trouble: error.message, hosts: [], isPlain: false, routes: [], flags: [] }
  }
}

/** What holds for this upstream as long as nobody overrides it; of a model that is not known. */
function shippedFlags(account: UpstreamAccount): AccountPreview['flags'] {
  const { format, profileId } = chooseUpstreamFormat(account, 'anthropic-messages')
  const { dialect, model } = profiles.resolve(format, '', { id: profileId })
  return [...listFlags('dialect', dialect), ...listFlags('model', model)]
}

function listFlags(group: string, flags: object): AccountPreview['flags'] {
  return Object.entries(flags).map(([name, value]: [string, unknown]) => ({ path: `${group}.${name}`, value }))
}

function isOwnMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
