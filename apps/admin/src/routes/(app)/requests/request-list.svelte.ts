import type { RequestPage, RequestQuery, RequestSummary } from '@relay/server/admin-contract'

import { ApiError } from '#lib/api/api-error.ts'

/** The requests on the page, how fresh they are, and what went wrong on the way. */
export interface RequestList {
  readonly requests: readonly RequestSummary[]
  /** `failed` only while there is nothing to show; a refresh that failed keeps what is there. */
  readonly phase: 'loading' | 'ready' | 'failed'
  readonly error: ApiError | undefined
  /** When the newest answer came, milliseconds since the epoch. */
  readonly updatedAt: number | undefined
  readonly hasMore: boolean
  readonly isRefreshing: boolean
  readonly isLoadingMore: boolean
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

/** The list of requests as state of a page; answers to filters that are no longer shown are thrown away. */
export function createRequestList(loadPage: LoadPage): RequestList {
  let filters: RequestQuery = {}
  let round = new AbortController()
  let cursor = $state<string>()
  let requests = $state.raw<readonly RequestSummary[]>([])
  let phase = $state<RequestList['phase']>('loading')
  let error = $state<ApiError>()
  let updatedAt = $state<number>()
  let isRefreshing = $state(false)
  let isLoadingMore = $state(false)
  let hasOlderPages = false

  async function show(chosen: RequestQuery): Promise<void> {
    round.abort()
    round = new AbortController()
    filters = chosen
    phase = 'loading'
    requests = []
    cursor = undefined
    isRefreshing = false
    isLoadingMore = false
    hasOlderPages = false
    await refresh()
  }

  async function refresh(): Promise<void> {
    if (isRefreshing) return
    const { signal } = round
    isRefreshing = true
    const page = await load(signal, undefined)
    if (signal.aborted) return
    isRefreshing = false
    if (page === undefined) return
    const isJoined = hasOlderPages && page.requests.some(({ requestId }) => has(requests, requestId))
    requests = isJoined ? join(page.requests, requests) : page.requests
    if (!isJoined) {
      hasOlderPages = false
      cursor = page.nextCursor
    }
    updatedAt = Date.now()
  }

  async function loadMore(): Promise<void> {
    if (isLoadingMore || cursor === undefined) return
    const { signal } = round
    isLoadingMore = true
    const page = await load(signal, cursor)
    if (signal.aborted) return
    isLoadingMore = false
    if (page === undefined) return
    hasOlderPages = true
    requests = join(requests, page.requests)
    cursor = page.nextCursor
  }

  async function load(signal: AbortSignal, from: string | undefined): Promise<RequestPage | undefined> {
    try {
      const page = await loadPage({ ...filters, limit: PAGE_SIZE, cursor: from }, signal)
      if (signal.aborted) return undefined
      error = undefined
      phase = 'ready'
      return page
    } catch (problem) {
      if (signal.aborted) return undefined
      error = ApiError.from(problem)
      if (requests.length === 0) phase = 'failed'
      return undefined
    }
  }

  return {
    get requests() {
      return requests
    },
    get phase() {
      return phase
    },
    get error() {
      return error
    },
    get updatedAt() {
      return updatedAt
    },
    get hasMore() {
      return cursor !== undefined
    },
    get isRefreshing() {
      return isRefreshing
    },
    get isLoadingMore() {
      return isLoadingMore
    },
    show,
    refresh,
    loadMore,
  }
}

function has(requests: readonly RequestSummary[], id: string): boolean {
  return requests.some(({ requestId }) => requestId === id)
}

/** Both lists as one, newest first; where both have a request, the first list's counts. */
function join(first: readonly RequestSummary[], second: readonly RequestSummary[]): readonly RequestSummary[] {
  const known = new Set(first.map(({ requestId }) => requestId))
  const rest = second.filter(({ requestId }) => !known.has(requestId))
  return [...first, ...rest].toSorted((one, other) => other.startedAt - one.startedAt)
}
