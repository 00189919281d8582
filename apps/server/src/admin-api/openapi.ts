import * as z from 'zod'

import { ADMIN_API_PATH, adminErrorSchema, PROOF_HEADER } from './contract/index.ts'
import type { AdminRouter, RouteDescription } from './router.ts'

type Json = Readonly<Record<string, unknown>>

/** The description of this API, made from the routes as they were registered. Add this route last. */
export function addOpenApiRoute({ rooms, routes, add }: AdminRouter): void {
  let made: Json | undefined
  add(
    {
      method: 'GET',
      path: '/openapi.json',
      summary: 'Describes this API: OpenAPI 3.1.',
      role: 'auditor',
      scope: 'settings:read',
      answer: z.record(z.string(), z.unknown()),
    },
    async () => (made ??= describeApi(routes, rooms.version)),
  )
}

/** An OpenAPI 3.1 document of these routes. */
function describeApi(routes: readonly RouteDescription[], version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = toTemplate(route.path)
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = describeRoute(route)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Relay admin API',
      version,
      description:
        'Everything the panel can do. Programs send a token as `Authorization: Bearer rat-…`; browsers have a session. ' +
        'Times are milliseconds since the epoch, costs millionths of a US dollar. A number that is not known is absent, never 0.',
    },
    servers: [{ url: ADMIN_API_PATH }],
    paths,
    components: {
      schemas: { Error: toSchema(adminErrorSchema, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Made in the panel: Settings → Admins and tokens.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'relay-session',
          description: `Changes also need ${PROOF_HEADER}: 1 from the panel’s own origin.`,
        },
      },
    },
  }
}

function describeRoute(route: RouteDescription): Json {
  const { method, path, summary, role, scope } = route
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^a-z0-9]+(\w?)/gi, (_match, next: string) => next.toUpperCase())}`,
    tags: [path.split('/')[1] ?? ''],
    summary,
    'x-least-role': role,
    'x-token-scope': scope,
    security: securityOf(route),
    parameters: [...pathParameters(path), ...queryParameters(route)],
    ...requestBody(route),
    responses: {
      '200': { description: 'Done.', content: contentOf(route) },
      default: {
        description: 'Not done, and why.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

function requestBody({ body, consumes }: RouteDescription): Json {
  if (consumes !== undefined)
    return {
      requestBody: { required: true, content: { [consumes]: { schema: { type: 'string', format: 'binary' } } } },
    }
  if (body === undefined) return {}
  return { requestBody: { required: true, content: { 'application/json': { schema: toSchema(body, 'input') } } } }
}

function securityOf({ role, scope }: RouteDescription): readonly Json[] {
  if (role === 'anyone') return [{}]
  return scope === 'people-only' ? [{ session: [] }] : [{ session: [] }, { token: [scope] }]
}

function contentOf({ answer, produces }: RouteDescription): Json {
  if (produces !== undefined) return { [produces]: { schema: { type: 'string' } } }
  return { 'application/json': { schema: answer === undefined ? {} : toSchema(answer, 'output') } }
}

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function queryParameters({ query }: RouteDescription): readonly Json[] {
  if (query === undefined) return []
  const { properties, required } = toSchema(query, 'input')
  const needed = Array.isArray(required) ? required : []
  return Object.entries({ ...(properties as object | undefined) }).map(([name, schema]) => ({
    name,
    in: 'query',
    required: needed.includes(name),
    schema,
  }))
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

/** `/accounts/:id` as OpenAPI writes it: `/accounts/{id}`. */
function toTemplate(path: string): string {
  return path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}')
}
