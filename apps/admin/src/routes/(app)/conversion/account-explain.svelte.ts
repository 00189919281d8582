import type { Explanation } from '@relay/server/admin-contract'

import { ApiError } from '#lib/api/api-error.ts'
import { api } from '#lib/api/client.ts'
import { explainRequest } from '#lib/api/explain-api.ts'
import { i18n } from '#lib/i18n/i18n.svelte.ts'
import { CONVERTIBLE } from '#lib/inspector/formats.ts'
import type { InspectorState } from '#lib/inspector/inspector-state.svelte.ts'

/** What the relay says of the request on the inspector's page. */
export interface AccountExplainState {
  readonly isAsking: boolean
  readonly problem: string | undefined
  readonly explanation: Explanation | undefined
  /** A dry run: nothing is sent. Without an account the relay chooses. */
  ask(accountId: string): Promise<void>
  /** Really sends it; the answer takes the place of the sample. */
  send(accountId: string): Promise<void>
}

/** Makes the state; nothing is asked yet. */
export function createAccountExplain(inspector: InspectorState): AccountExplainState {
  let isAsking = $state(false)
  let problem = $state<string>()
  let explanation = $state.raw<Explanation>()

  async function run(work: () => Promise<void>): Promise<void> {
    isAsking = true
    problem = undefined
    try {
      await work()
    } catch (error) {
      problem = wordsOf(error)
    } finally {
      isAsking = false
    }
  }

  async function sendNow(accountId: string): Promise<void> {
    const { client: format, request } = inspector.input
    if (format === 'gemini') return
    const outcome = await api.sendRequest({ accountId, format, request })
    const { status, answer, upstreamFormat, model, failure } = outcome
    problem = failure
    if (failure !== undefined) return
    const upstream = CONVERTIBLE.find((each) => each === upstreamFormat)
    inspector.change({ answer, status, model, ...(upstream === undefined ? {} : { upstream }) })
  }

  async function askNow(account: string): Promise<void> {
    explanation = undefined
    const { client: format, request } = inspector.input
    explanation = await explainRequest({ format, request, account })
  }

  return {
    get isAsking() {
      return isAsking
    },
    get problem() {
      return problem
    },
    get explanation() {
      return explanation
    },
    ask: (accountId) => run(() => askNow(accountId)),
    send: (accountId) => run(() => sendNow(accountId)),
  }
}

/** What the relay says of the request itself is more telling than the panel's words. */
function wordsOf(error: unknown): string {
  const { code, message } = ApiError.from(error)
  return code === 'invalid-request' ? message : i18n.text.errors[code]
}
