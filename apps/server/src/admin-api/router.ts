import { Hono } from 'hono'
import type * as z from 'zod'

import { readBody, readQuery, refuse } from './admin-answer.ts'
import type { AdminApp, AdminContext, AdminEnv, AdminRooms } from './admin-rooms.ts'
import type { AdminDeed } from './audit-note.ts'
import { noteDeed } from './audit-note.ts'
import type { Caller } from './caller.ts'
import { isAtLeast } from './caller.ts'
import type { AdminRoleName, TokenScope } from './contract/index.ts'

/** Largest body of an admin request, unless its route says otherwise. */
const MAX_BODY_BYTES = 64 * 1024

/** What is to be known of a route without running it: who may, what goes in, what comes out. The reference is made of these. */
export interface RouteDescription {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the admin API's path, e.g. `/accounts/:id`. */
  readonly path: string
  /** One sentence for the reference. */
  readonly summary: string
  /** The least role; `anyone` for a route that the guard lists as public. */
  readonly role: AdminRoleName | 'anyone'
  /** What a token needs; `people-only` for what no program should do. */
  readonly scope: TokenScope | 'people-only'
  readonly query?: z.ZodType | undefined
  readonly body?: z.ZodType | undefined
  /** Media type of a body that is not JSON; its handler reads and bounds it. */
  readonly consumes?: string | undefined
  /** The JSON of the answer; left out where the answer is something else, which `produces` names. */
  readonly answer?: z.ZodType | undefined
  /** Media type of an answer that is not JSON. */
  readonly produces?: string | undefined
  readonly maxBodyBytes?: number | undefined
}

/** A description whose schemas give the types of its handler. */
export interface Route<
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends RouteDescription {
  readonly query?: Query
  readonly body?: Body
  readonly answer?: Answer
}

/** A request that was let in and fits its schemas. */
export interface Asked<Query, Body> {
  readonly context: AdminContext
  readonly query: Query
  readonly body: Body
  /** Who asks. @throws on a route for anyone, where nobody needs to be known */
  readonly caller: Caller
  /** Writes down what was done; trouble with that is logged and does not undo it. */
  note(deed: AdminDeed): Promise<void>
  /** A part of the path; empty where the path has no such part. */
  part(name: string): string
}

/** Answers with the JSON of the route, or with a response of its own, such as a refusal. */
export type Handler<Query, Body, Answer> = (asked: Asked<Query, Body>) => Promise<Answer | Response>

/** Registers routes, so that none is without a role, a scope and a place in the reference. */
export interface AdminRouter {
  readonly rooms: AdminRooms
  readonly app: AdminApp
  readonly routes: readonly RouteDescription[]
  add<
    Query extends z.ZodType = z.ZodUndefined,
    Body extends z.ZodType = z.ZodUndefined,
    Answer extends z.ZodType = z.ZodUndefined,
  >(
    route: Route<Query, Body, Answer>,
    handle: Handler<z.infer<Query>, z.infer<Body>, z.input<Answer>>,
  ): void
}

/** Makes a router without routes. */
export function createRouter(rooms: AdminRooms): AdminRouter {
  const app: AdminApp = new Hono<AdminEnv>()
  const routes: RouteDescription[] = []
  return {
    rooms,
    app,
    routes,
    add(route, handle) {
      routes.push(route)
      app.on(route.method, route.path, async (context) => {
        const refusal = refuseUnlessAllowed(route, context)
        if (refusal !== undefined) return refusal
        // The schemas give the types: what comes out of `readInput` is what the handler was typed with.
        const input = await readInput(route, context)
        if (input instanceof Response) return input
        const answer = await handle(toAsked(rooms, context, input) as Parameters<typeof handle>[0])
        return answer instanceof Response ? answer : context.json(answer ?? null)
      })
    },
  }
}

/** The guard has found out who asks; here is decided whether they may do this. */
function refuseUnlessAllowed({ role, scope }: RouteDescription, context: AdminContext): Response | undefined {
  if (role === 'anyone') return undefined
  const caller = requireCaller(context)
  if (!isAtLeast(caller.role, role)) {
    return refuse(context, { code: 'forbidden', message: `This takes the role ${role}; yours is ${caller.role}.` })
  }
  if (caller.token === undefined) return undefined
  if (scope === 'people-only') {
    return refuse(context, { code: 'forbidden', message: 'No token can do this; sign in to the panel.' })
  }
  if (caller.token.scopes.includes(scope)) return undefined
  return refuse(context, { code: 'forbidden', message: `This takes a token with the scope ${scope}.` })
}

interface Input {
  readonly query: unknown
  readonly body: unknown
}

async function readInput(
  { query, body, maxBodyBytes }: RouteDescription,
  context: AdminContext,
): Promise<Input | Response> {
  const asked = query === undefined ? undefined : readQuery(context, query)
  if (asked?.ok === false) return asked.answer
  const sent =
    body === undefined ? undefined : await readBody(context, { schema: body, maxBytes: maxBodyBytes ?? MAX_BODY_BYTES })
  if (sent?.ok === false) return sent.answer
  return { query: asked?.value, body: sent?.value }
}

function toAsked(rooms: AdminRooms, context: AdminContext, { query, body }: Input): Asked<unknown, unknown> {
  return {
    context,
    query,
    body,
    get caller() {
      return requireCaller(context)
    },
    note: (deed) => noteDeed(rooms, { context, caller: requireCaller(context), deed }),
    part: (name) => context.req.param(name) ?? '',
  }
}

/** The guard lets nobody unknown come this far. */
function requireCaller(context: AdminContext): Caller {
  const caller = context.get('caller')
  if (caller === undefined) throw new Error('A route that asks who calls was reached by nobody.')
  return caller
}
