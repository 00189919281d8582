import type { FormatName } from '../model/format-name.ts'
import type { Call } from './read-call.ts'

/** What a call is about. `path` is below the version segment. */
export type Route =
  | { readonly type: 'generate' }
  | { readonly type: 'count'; readonly path: string }
  | { readonly type: 'models'; readonly path: string }
  | { readonly type: 'unknown' }

/** Endpoints that count the input tokens of a request, by the format that has one. */
const COUNT_PATHS: { readonly [Format in FormatName]?: string } = {
  'anthropic-messages': '/messages/count_tokens',
  'openai-responses': '/responses/input_tokens',
}

/** Recognises an endpoint of the client's format by the end of its path, whatever the SDK's base address is. */
export function routeCall({ method, url }: Call, client: FormatName, endpoint: string): Route {
  const pathname = url.pathname.replace(/\/+$/, '')
  const countPath = COUNT_PATHS[client]
  if (method === 'POST' && pathname.endsWith(endpoint)) return { type: 'generate' }
  if (method === 'POST' && countPath !== undefined && pathname.endsWith(countPath))
    return { type: 'count', path: countPath }
  const models = method === 'GET' ? pathname.lastIndexOf('/models') : -1
  if (models === -1 || !/^\/models(\/|$)/.test(pathname.slice(models))) return { type: 'unknown' }
  return { type: 'models', path: pathname.slice(models) }
}

/** The answer of a count endpoint in the client's own words. */
export function writeCount(client: FormatName, inputTokens: number): object {
  return client === 'openai-responses'
    ? { object: 'response.input_tokens', input_tokens: inputTokens }
    : { input_tokens: inputTokens }
}
