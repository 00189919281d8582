import { existsSync, readdirSync, readFileSync } from 'node:fs'

import type { JsonObject } from '../../src/index.ts'
import type { Format } from './pairs.ts'

/** One exchange with a real provider. */
export interface Recording {
  /** Name of its file, without the ending. */
  readonly id: string
  readonly provider: string
  readonly request?: JsonObject
  readonly response: { readonly status: number; readonly body?: JsonObject; readonly sse?: readonly string[] }
}

/** A recording with a whole answer. */
export interface WholeRecording extends Recording {
  readonly body: JsonObject
}

/** A recording with a stream; `sse` is its text. */
export interface StreamRecording extends Recording {
  readonly sse: string
}

/** A recording whose request was kept. */
export interface RequestRecording extends Recording {
  readonly request: JsonObject
}

/** Exchanges with real providers lie beside the repository, not in it. */
const ROOT = new URL('../../../../../shared/recorded/', import.meta.url)

const hasRecordings: boolean = existsSync(ROOT)

/** The recorded exchanges in which a provider answered in a format; none where the folder is missing, which is said. */
export function recordingsOf(format: Format): readonly Recording[] {
  if (!hasRecordings) {
    process.stdout.write(`no recorded exchanges beside the repository: nothing recorded is tried for ${format}\n`)
    return []
  }
  const folder = new URL(`${format}/`, ROOT)
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names.map((name) => ({ ...JSON.parse(readFileSync(new URL(name, folder), 'utf8')), id: name.slice(0, -5) }))
}

function isWhole(recording: Recording): recording is Recording & { response: { body: JsonObject } } {
  return recording.response.status === 200 && recording.response.body !== undefined
}

/** Whole answers, without those that are not finished (a Responses request in the background). */
export function wholeAnswers(format: Format): readonly WholeRecording[] {
  return recordingsOf(format)
    .filter(isWhole)
    .filter(({ response }) => response.body['status'] !== 'queued')
    .map((recording) => ({ ...recording, body: recording.response.body }))
}

export function streams(format: Format): readonly StreamRecording[] {
  return recordingsOf(format).flatMap((recording) =>
    recording.response.sse === undefined ? [] : [{ ...recording, sse: recording.response.sse.join('') }],
  )
}

export function requests(format: Format): readonly RequestRecording[] {
  return recordingsOf(format).flatMap((recording) =>
    recording.request === undefined ? [] : [{ ...recording, request: recording.request }],
  )
}
