import * as z from 'zod'

import { lossLevelSchema, wireFormatSchema } from './formats.ts'

/** Longest capturing and most captures that can be asked for; the store has the same bounds. */
export const CAPTURE_LIMITS = { maxMinutes: 24 * 60, maxCaptures: 500, maxDays: 30 } as const

/** Requests of a key are being captured. */
const capturingSchema = z.object({
  keyId: z.string(),
  keyName: z.string(),
  startedAt: z.number(),
  endsAt: z.number(),
  startedBy: z.string(),
  /** How many more may come. */
  remaining: z.number(),
})
export type CapturingEntry = z.infer<typeof capturingSchema>

/** A capture, without what is in it. What its usage record no longer says is absent. */
export const captureEntrySchema = z.object({
  requestId: z.string(),
  keyId: z.string(),
  keyName: z.string(),
  createdAt: z.number(),
  expiresAt: z.number(),
  bytes: z.number(),
  accountName: z.string().optional(),
  modelAsked: z.string().optional(),
  clientFormat: wireFormatSchema.optional(),
  upstreamFormat: wireFormatSchema.optional(),
  status: z.number().optional(),
  lossCount: z.number().optional(),
})
export type CaptureSummary = z.infer<typeof captureEntrySchema>

/** `GET /captures`: whose requests are captured now, and what has been, newest first. */
export const captureListSchema = z.object({
  capturing: z.array(capturingSchema),
  captures: z.array(captureEntrySchema),
})
export type CaptureList = z.infer<typeof captureListSchema>

/** `POST /captures/capturing`: captures the next requests of a key. */
export const capturingInputSchema = z.object({
  keyId: z.string().min(1).max(200),
  minutes: z.number().int().min(1).max(CAPTURE_LIMITS.maxMinutes),
  maxCaptures: z.number().int().min(1).max(CAPTURE_LIMITS.maxCaptures),
})
export type CapturingInputBody = z.infer<typeof capturingInputSchema>

/** `GET` and `PUT /settings/capture`: what is proposed for capturing, and how long captures are kept. */
export const captureDefaultsSchema = z.object({
  minutes: z.number().int().min(1).max(CAPTURE_LIMITS.maxMinutes),
  maxCaptures: z.number().int().min(1).max(CAPTURE_LIMITS.maxCaptures),
  keepDays: z.number().int().min(1).max(CAPTURE_LIMITS.maxDays),
})
export type CaptureDefaultsView = z.infer<typeof captureDefaultsSchema>

/** `GET /captures/{id}`: what was captured, without secrets. */
export const captureContentSchema = z.object({
  requestId: z.string(),
  startedAt: z.number(),
  clientFormat: wireFormatSchema,
  upstreamFormat: wireFormatSchema,
  model: z.string(),
  upstreamModel: z.string(),
  isStream: z.boolean(),
  accountId: z.string(),
  accountName: z.string(),
  clientHeaders: z.record(z.string(), z.string()),
  /** 0 when the upstream did not answer. */
  status: z.number(),
  contentType: z.string().optional(),
  /** A part was larger than is kept. */
  isCut: z.boolean(),
  /** Bodies as text. */
  request: z.string(),
  sent: z.string(),
  answer: z.string(),
  /** The very bytes of the answer, base64. */
  answerBytes: z.string(),
})
export type CaptureContent = z.infer<typeof captureContentSchema>

/** Flags of a profile that differ from the preset's. */
const overridesSchema = z.object({
  id: z.string().max(100).optional(),
  dialect: z.record(z.string(), z.unknown()).optional(),
  model: z.record(z.string(), z.unknown()).optional(),
})

/** `POST /captures/{id}/replay`: plays a capture again; what is left out is as it was. Nothing is sent. */
export const replayInputSchema = z.object({
  upstreamFormat: wireFormatSchema.optional(),
  model: z.string().min(1).max(500).optional(),
  /** A set of rules in place of those in use; `{}` for none. */
  rules: z.record(z.string(), z.unknown()).optional(),
  profile: overridesSchema.optional(),
})
export type ReplayInput = z.infer<typeof replayInputSchema>

/** What a replay gave; texts as they go over the wire, JSON with line breaks. */
export const replayedSchema = z.object({
  path: z.string().optional(),
  request: z.string(),
  answer: z.string(),
  losses: z.array(z.object({ code: z.string(), level: lossLevelSchema, path: z.string(), message: z.string() })),
  failure: z.string().optional(),
})
export type ReplayedSide = z.infer<typeof replayedSchema>

/** `POST /captures/{id}/replay`: as things are now, and with what was asked for. */
export const replaySchema = z.object({ before: replayedSchema, after: replayedSchema })
export type Replay = z.infer<typeof replaySchema>
