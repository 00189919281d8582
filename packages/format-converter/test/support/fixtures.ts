import { existsSync, readdirSync, readFileSync } from 'node:fs'

import type { JsonObject } from '../../src/index.ts'
import type { Format } from './pairs.ts'

/** An answer made from a vendor's documents: `fixtures/<format>/<case>/`. */
export interface AnswerFixture {
  readonly name: string
  /** Text of the stream. */
  readonly sse: string
  /** The same answer whole, where the case has one. */
  readonly whole: JsonObject | undefined
}

export const FIXTURES: URL = new URL('../../fixtures/', import.meta.url)

/** The answers of a format that were built by hand. */
export function answerFixtures(format: Format): readonly AnswerFixture[] {
  const folder = new URL(`${format}/`, FIXTURES)
  return readdirSync(folder)
    .filter((name) => existsSync(new URL(`${name}/answer.sse`, folder)))
    .toSorted()
    .map((name) => readAnswer(format, name))
}

/** One of them. */
export function readAnswer(format: Format, name: string): AnswerFixture {
  const folder = new URL(`${format}/${name}/`, FIXTURES)
  const whole = new URL('answer.json', folder)
  return {
    name,
    sse: readFileSync(new URL('answer.sse', folder), 'utf8'),
    whole: existsSync(whole) ? JSON.parse(readFileSync(whole, 'utf8')) : undefined,
  }
}

/** A request and where it goes: `fixtures/<client>/<case>/request.json`, with the upstream's model for each target. */
export interface RequestFixture {
  readonly name: string
  readonly to: Format
}

export interface RequestCase {
  readonly body: JsonObject
  readonly upstream: Format
  /** The model it is sent to. */
  readonly model: string
}

/** The requests of a format, once for each format that they are sent to. */
export function requestFixtures(client: Format): readonly RequestFixture[] {
  const folder = new URL(`${client}/`, FIXTURES)
  return readdirSync(folder)
    .filter((name) => existsSync(new URL(`${name}/request.json`, folder)))
    .toSorted()
    .flatMap((name) => Object.keys(readModels(client, name)).map((to) => ({ name, to: to as Format })))
}

export function readRequest(client: Format, name: string, to: Format): RequestCase {
  const body: JsonObject = JSON.parse(readFileSync(new URL(`${client}/${name}/request.json`, FIXTURES), 'utf8'))
  return { body, upstream: to, model: readModels(client, name)[to] ?? '' }
}

/** `models.json`: the model of each target. */
function readModels(client: Format, name: string): { readonly [To in Format]?: string } {
  return JSON.parse(readFileSync(new URL(`${client}/${name}/models.json`, FIXTURES), 'utf8'))
}
