import type { HandleClientError } from '@sveltejs/kit/hooks'

/** What every browser says, in its own words, of a file of the panel that it could not fetch. */
const NOT_LOADED = /module|preload/i

/** A page whose files cannot be fetched failed because the relay is away, not because of a mistake in it. */
export const handleError: HandleClientError = ({ kind, error }) =>
  kind === 'unknown' && error instanceof Error && NOT_LOADED.test(error.message) ? { code: 'unreachable' } : undefined
