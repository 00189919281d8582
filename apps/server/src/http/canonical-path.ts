/** The endpoints below `/v1`, as the canonical path spells them. */
const ENDPOINT =
  /^(?:\/(?:api|claude|openai))?(?:\/v1)?(\/(?:messages(?:\/count_tokens)?|chat\/completions|responses(?:\/.+?)?|models(?:\/.+)?|relay\/(?:key|explain)|embeddings|rerank|completions|moderations|images\/[a-z]+|audio\/[a-z]+))\/?$/

/** Everything else under a version prefix, for an answer in the caller's format. */
const VERSIONED = /^\/(?:api|claude|openai)(\/v1\/.*)$/

/**
 * One spelling for the paths of the model API: with and without `/v1`, under the origin's prefixes, with a trailing
 * slash. Any other path stays as it is.
 */
export function canonicalPath(pathname: string): string {
  const endpoint = ENDPOINT.exec(pathname)?.[1]
  if (endpoint !== undefined) return `/v1${endpoint}`
  return VERSIONED.exec(pathname)?.[1] ?? pathname
}
