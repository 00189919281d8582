import type { AccountPreview } from '@relay/server/admin-contract'

import { api } from '#lib/api/client.ts'

import type { AccountDraft } from './draft.ts'
import { filledUrls } from './send-draft.ts'

/** Long enough to finish a word. */
const PAUSE_MS = 200

/** Where requests would go, as the server sees it; follows what is typed. */
export function createPreview(draft: () => AccountDraft): { readonly value: AccountPreview | undefined } {
  let value = $state.raw<AccountPreview>()

  $effect(() => {
    const { type, baseUrl, formatBaseUrls, apiFormat, responseFormat } = draft()
    const asked = {
      type,
      baseUrl: baseUrl.trim(),
      formatBaseUrls: filledUrls(formatBaseUrls),
      apiFormat,
      responseFormat,
    }
    const stop = new AbortController()
    const timer = setTimeout(() => {
      // Without an answer the last one stays; saving tells what is wrong.
      api.previewAccount(asked, stop.signal).then(
        (answer) => (value = answer),
        () => undefined,
      )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  })

  return {
    get value() {
      return value
    },
  }
}
