import type { Codec } from '../codec.ts'
import type { Call } from './read-call.ts'

/** What a call is about. `path` is below the version segment. */
export type Route =
  | { readonly type: 'generate' }
  | { readonly type: 'count'; readonly path: string }
  | { readonly type: 'models'; readonly path: string }
  | { readonly type: 'unknown' }

/** Recognises an endpoint of the client's format by the end of its path, whatever the SDK's base address is. */
export function routeCall({ method, url }: Call, { endpoint, counting }: Codec): Route {
  const pathname = url.pathname.replace(/\/+$/, '')
  const countPath = counting?.endpoint
  if (method === 'POST' && pathname.endsWith(endpoint)) return { type: 'generate' }
  if (method === 'POST' && countPath !== undefined && pathname.endsWith(countPath))
    return { type: 'count', path: countPath }
  const models = method === 'GET' ? pathname.lastIndexOf('/models') : -1
  if (models === -1 || !/^\/models(\/|$)/.test(pathname.slice(models))) return { type: 'unknown' }
  return { type: 'models', path: pathname.slice(models) }
}
