import type { RequestPage, RequestQuery, RequestSummary } from '@relay/server/admin-contract'

import { ApiError } from '#lib/api/api-error.ts'

/** The requests on the page, how fresh they are, and what went wrong on the way. */
export interface RequestListState {
  requests: readonly RequestSummary[]
  /** `failed` when there is nothing to show, or nobody who may see it; any other refresh that failed keeps what is there. */
  phase: 'loading' | 'ready' | 'failed'
  /** Why the newest question came to nothing. */
  error: ApiError | undefined
  /** When the newest answer came, milliseconds since the epoch. */
  updatedAt: number | undefined
  /** Leads to older ones; `undefined` when there are none. */
  cursor: string | undefined
  isRefreshing: boolean
  isLoadingMore: boolean
  /** Older pages were added, so the newest page is joined to them and does not replace them. */
  hasOlderPages: boolean
}

/** The list of requests as state of a page; answers to filters that are no longer shown are thrown away. */
export interface RequestList {
  readonly state: Readonly<RequestListState>
  /** Starts over with other filters. */
  show(filters: RequestQuery): Promise<void>
  /** Asks for the newest ones again; does nothing while it is already asking. */
  refresh(): Promise<void>
  /** Adds the next page of older ones. */
  loadMore(): Promise<void>
}

/** Asks the server for one page. */
export type LoadPage = (query: RequestQuery, signal: AbortSignal) => Promise<RequestPage>

/** Requests asked for at once. */
const PAGE_SIZE = 50

const EMPTY: RequestListState = {
  requests: [],
  phase: 'loading',
  error: undefined,
  updatedAt: undefined,
  cursor: undefined,
  isRefreshing: false,
  isLoadingMore: false,
  hasOlderPages: false,
}

export function createRequestList(loadPage: LoadPage): RequestList {
  let filters: RequestQuery = {}
  let round = new AbortController()
  const state = $state<RequestListState>({ ...EMPTY })

  async function show(chosen: RequestQuery): Promise<void> {
    round.abort()
    round = new AbortController()
    filters = chosen
    Object.assign(state, EMPTY)
    await refresh()
  }

  async function refresh(): Promise<void> {
    if (state.isRefreshing) return
    state.isRefreshing = true
    const page = await load(undefined)
    if (page !== undefined) addNewest(state, page)
  }

  async function loadMore(): Promise<void> {
    if (state.isLoadingMore || state.cursor === undefined) return
    state.isLoadingMore = true
    const page = await load(state.cursor)
    if (page !== undefined) addOlder(state, page)
  }

  /** @returns nothing when it went wrong, or when other filters are shown by now */
  async function load(cursor: string | undefined): Promise<RequestPage | undefined> {
    const { signal } = round
    const outcome = await loadPage({ ...filters, limit: PAGE_SIZE, cursor }, signal).catch(ApiError.from)
    if (signal.aborted) return undefined
    if (cursor === undefined) state.isRefreshing = false
    else state.isLoadingMore = false
    if (!(outcome instanceof ApiError)) return outcome
    state.error = outcome
    if (state.requests.length === 0 || outcome.code === 'not-signed-in') state.phase = 'failed'
    return undefined
  }

  return { state, show, refresh, loadMore }
}

function addNewest(state: RequestListState, page: RequestPage): void {
  const known = new Set(state.requests.map(({ requestId }) => requestId))
  const isJoined = state.hasOlderPages && page.requests.some(({ requestId }) => known.has(requestId))
  state.requests = isJoined ? join(page.requests, state.requests) : page.requests
  if (!isJoined) {
    state.hasOlderPages = false
    state.cursor = page.nextCursor
  }
  state.error = undefined
  state.phase = 'ready'
  state.updatedAt = Date.now()
}

function addOlder(state: RequestListState, page: RequestPage): void {
  state.requests = join(state.requests, page.requests)
  state.hasOlderPages = true
  state.cursor = page.nextCursor
  state.error = undefined
}

/** Both lists as one, newest first; where both have a request, the first list's counts. */
function join(first: readonly RequestSummary[], second: readonly RequestSummary[]): readonly RequestSummary[] {
  const known = new Set(first.map(({ requestId }) => requestId))
  const rest = second.filter(({ requestId }) => !known.has(requestId))
  return [...first, ...rest].toSorted((one, other) => other.startedAt - one.startedAt)
}
