import type { AccountStore } from '@relay/account-store'
import type { ProfileOverrides } from '@relay/format-converter'
import { type CompiledRules, compileRules } from '@relay/format-converter/rules'

import { readCaptureDefaults, writeCaptureDefaults } from '../capture/capture-defaults.ts'
import { type CapturedExchange, readCapture } from '../capture/captured-exchange.ts'
import { type Replayed, replayCapture } from '../capture/replay.ts'
import { profileTroubles } from '../config/profile-troubles.ts'
import { ruleTroubles } from '../config/rule-troubles.ts'
import { createRuleBook } from '../relay/prepare/rule-book.ts'
import { refuse } from './admin-answer.ts'
import type { AdminContext, AdminRooms } from './admin-rooms.ts'
import { describeCapture, listCaptures } from './capture-view.ts'
import {
  captureContentSchema,
  captureDefaultsSchema,
  captureListSchema,
  capturingInputSchema,
  replayInputSchema,
  replaySchema,
} from './contract/index.ts'
import type { Replay, ReplayedSide, ReplayInput } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

const MINUTE_MS = 60_000
/** A set of rules may have 64 KiB; the rest is small. */
const MAX_REPLAY_BYTES = 256 * 1024

/** Record → replay → diff: who is captured, what was, and what becomes of it with other rules or another profile. */
export function addCaptureRoutes(router: AdminRouter): void {
  addCapturingRoutes(router)
  addContentRoutes(router)
  addDefaultRoutes(router)
}

function addDefaultRoutes({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/settings/capture',
      summary: 'Says for how long and how much is captured unless said otherwise, and how long captures are kept.',
      role: 'auditor',
      scope: 'captures:read',
      answer: captureDefaultsSchema,
    },
    async () => readCaptureDefaults(store),
  )
  add(
    {
      method: 'PUT',
      path: '/settings/capture',
      summary: 'Decides what is proposed for capturing, and how long captures are kept from now on.',
      role: 'admin',
      scope: 'settings:write',
      body: captureDefaultsSchema,
      answer: captureDefaultsSchema,
    },
    async ({ body, note }) => {
      const before = await readCaptureDefaults(store)
      await writeCaptureDefaults(store, body)
      const object = { kind: 'setting', id: 'capture', name: 'capture' }
      await note({ action: 'settings.update', object, before, after: body })
      return readCaptureDefaults(store)
    },
  )
}

function addCapturingRoutes({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/captures',
      summary: 'Lists whose requests are captured now, and what has been captured; never what is in it.',
      role: 'auditor',
      scope: 'captures:read',
      answer: captureListSchema,
    },
    async () => listCaptures(store),
  )
  add(
    {
      method: 'POST',
      path: '/captures/capturing',
      summary:
        'Captures the next requests of a key with the raw answers of their upstreams, for a time and up to a number.',
      role: 'operator',
      scope: 'captures:write',
      body: capturingInputSchema,
      answer: captureListSchema,
    },
    async ({ body: { keyId, minutes, maxCaptures }, caller, note }) => {
      const durationMs = minutes * MINUTE_MS
      await store.startCapturing({ keyId, durationMs, maxCaptures, startedBy: caller.userName })
      const key = await store.getRelayKey(keyId)
      await note({
        action: 'capture.start',
        object: { kind: 'relay-key', id: keyId, name: key?.name ?? keyId },
        after: { minutes, maxCaptures },
      })
      return listCaptures(store)
    },
  )
  add(
    {
      method: 'DELETE',
      path: '/captures/capturing/:keyId',
      summary: 'Stops capturing requests of a key; what was captured stays until its time is over.',
      role: 'operator',
      scope: 'captures:write',
      answer: captureListSchema,
    },
    async ({ part, note }) => {
      const id = part('keyId')
      if (await store.stopCapturing(id)) {
        const key = await store.getRelayKey(id)
        await note({ action: 'capture.stop', object: { kind: 'relay-key', id, name: key?.name ?? id } })
      }
      return listCaptures(store)
    },
  )
}

function addContentRoutes({ rooms, add }: AdminRouter): void {
  const { store } = rooms
  add(
    {
      method: 'GET',
      path: '/captures/:id',
      summary: 'Shows what was captured of a request, without secrets. Looking is written down.',
      role: 'operator',
      scope: 'captures:read',
      answer: captureContentSchema,
    },
    async ({ context, part, note }) => {
      const exchange = await openCapture(store, part('id'))
      if (exchange === undefined) return nothing(context)
      await note({ action: 'capture.read', object: toObject(exchange.requestId) })
      return describeCapture(exchange)
    },
  )
  add(
    {
      method: 'DELETE',
      path: '/captures/:id',
      summary: 'Removes a capture.',
      role: 'operator',
      scope: 'captures:write',
      answer: captureListSchema,
    },
    async ({ part, note }) => {
      if (await store.removeCapture(part('id'))) await note({ action: 'capture.remove', object: toObject(part('id')) })
      return listCaptures(store)
    },
  )
  add(
    {
      method: 'POST',
      path: '/captures/:id/replay',
      summary:
        'Plays a capture again, as things are now and with other rules, profile, model or format. Nothing is sent.',
      role: 'operator',
      scope: 'captures:read',
      body: replayInputSchema,
      answer: replaySchema,
      maxBodyBytes: MAX_REPLAY_BYTES,
    },
    async ({ context, part, body }) => {
      const exchange = await openCapture(store, part('id'))
      if (exchange === undefined) return nothing(context)
      const trouble = troubleIn(body, exchange)
      if (trouble !== undefined) return refuse(context, { code: 'invalid-request', ...trouble })
      return replay(rooms, exchange, body)
    },
  )
}

async function openCapture(store: AccountStore, id: string): Promise<CapturedExchange | undefined> {
  const capture = await store.getCapture(id)
  return capture === undefined ? undefined : readCapture(capture.body)
}

async function replay(rooms: AdminRooms, exchange: CapturedExchange, input: ReplayInput): Promise<Replay> {
  const inUse = await rulesInUse(rooms, exchange.accountId)
  const asItIs = {
    upstreamFormat: exchange.upstreamFormat,
    model: exchange.upstreamModel,
    profile: exchange.profile,
    rules: inUse,
  }
  const compiled = input.rules === undefined ? undefined : compileRules(input.rules)
  const asAsked = {
    upstreamFormat: input.upstreamFormat ?? asItIs.upstreamFormat,
    model: input.model ?? asItIs.model,
    profile: input.profile === undefined ? asItIs.profile : (input.profile as ProfileOverrides), // checked in `troubleIn`
    rules: input.rules === undefined ? inUse : compiled?.ok === true ? compiled.rules : undefined,
  }
  return { before: toSide(replayCapture(exchange, asItIs)), after: toSide(replayCapture(exchange, asAsked)) }
}

async function rulesInUse({ store, log }: AdminRooms, accountId: string): Promise<CompiledRules | undefined> {
  const account = await store.getAccount(accountId)
  return account === undefined ? undefined : createRuleBook(store, log).rulesFor(account)
}

function troubleIn(
  { rules, profile, upstreamFormat }: ReplayInput,
  exchange: CapturedExchange,
): { readonly message: string; readonly field: string } | undefined {
  const [wrongRule] = Object.keys(rules ?? {}).length === 0 ? [] : ruleTroubles(rules)
  if (wrongRule !== undefined) return { message: wrongRule.message, field: ['rules', ...wrongRule.path].join('.') }
  if ((upstreamFormat ?? exchange.upstreamFormat) === 'gemini')
    return { message: 'There is no conversion to this format yet.', field: 'upstreamFormat' }
  const [wrongFlag] = profile === undefined ? [] : profileTroubles(profile)
  return wrongFlag === undefined
    ? undefined
    : { message: wrongFlag.message, field: ['profile', ...wrongFlag.path].join('.') }
}

function toSide({ losses, ...side }: Replayed): ReplayedSide {
  return { ...side, losses: losses.map(({ code, level, path, message }) => ({ code, level, path, message })) }
}

function toObject(requestId: string): { readonly kind: string; readonly id: string; readonly name: string } {
  return { kind: 'capture', id: requestId, name: requestId }
}

function nothing(context: AdminContext): Response {
  return refuse(context, { code: 'not-found', message: 'There is no capture of this request, or its time is over.' })
}
