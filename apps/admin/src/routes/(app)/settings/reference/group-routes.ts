import { ADMIN_API_PATH } from '@relay/server/admin-contract'
import type { ApiOperation, ApiReference } from '@relay/server/admin-contract'

/** A route with all that is to be known of it. */
export interface ReferenceRoute {
  readonly method: string
  /** From the server's root. */
  readonly path: string
  readonly operation: ApiOperation
}

/** The routes whose address or sentence has a text in it, by their subjects. */
export function groupRoutes(
  { paths }: ApiReference,
  wanted: string,
): readonly { readonly name: string; readonly routes: readonly ReferenceRoute[] }[] {
  const groups = new Map<string, ReferenceRoute[]>()
  const needle = wanted.trim().toLowerCase()
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      if (!`${method} ${path} ${operation.summary}`.toLowerCase().includes(needle)) continue
      const name = operation.tags[0] ?? ''
      const routes = groups.get(name) ?? []
      groups.set(name, [...routes, { method: method.toUpperCase(), path: `${ADMIN_API_PATH}${path}`, operation }])
    }
  }
  return [...groups].map(([name, routes]) => ({ name, routes }))
}
