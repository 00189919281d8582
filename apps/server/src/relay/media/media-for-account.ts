import type { Candidate } from '@relay/account-store'
import { ConversionError } from '@relay/format-converter'

import { wayTo } from '../choose/way-to.ts'
import type { LiveRequest } from '../live-request.ts'
import type { Envelope } from '../request/envelope.ts'
import type { ResponseState } from '../responses/response-state.ts'
import { fetchMedia, type MediaErrand, type MediaResult } from './fetch-media.ts'
import { type FetchedMedia, listMediaPlaces, type MediaPlace } from './media-places.ts'

/** A request, and what was fetched for it so far. */
export interface MediaRequest {
  readonly live: Pick<LiveRequest, 'format' | 'signal'>
  readonly envelope: Envelope
  readonly state: ResponseState | undefined
  /** What became of each address; kept for the next account. */
  readonly media: Map<string, MediaResult>
}

const NONE: ReadonlyMap<string, FetchedMedia> = new Map()

/**
 * What an account needs to be sent in place of addresses: nothing, unless its profile says that it takes bytes only and
 * the request is converted for it. A document that cannot be had stays a link, which the conversion reports.
 *
 * @throws ConversionError `unsupported_feature` for a picture that cannot be had: without it the answer would not be true
 */
export function mediaForAccount(
  sender: MediaErrand['sender'],
  request: MediaRequest,
  candidate: Candidate,
): ReadonlyMap<string, FetchedMedia> | Promise<ReadonlyMap<string, FetchedMedia>> {
  const { account, upstreamModel } = candidate
  const { fetchUrls } = wayTo(account, request.live.format).profileOf(upstreamModel).dialect
  return fetchUrls ? mediaOfRequest(sender, request, candidate) : NONE
}

/** The same for an account that is known to take bytes only, e.g. because a rule says so of this request. */
export async function mediaOfRequest(
  sender: MediaErrand['sender'],
  { live, envelope, state, media }: MediaRequest,
  { account }: Candidate,
): Promise<ReadonlyMap<string, FetchedMedia>> {
  if (wayTo(account, live.format).choice.format === live.format) return NONE
  const whole = state?.requestFor(account, false).envelope ?? envelope
  const places = listMediaPlaces(whole.parsed())
  const fresh = places.filter(({ url }) => !media.has(url))
  const fetched = await fetchMedia({ sender, signal: live.signal() }, fresh)
  for (const [url, result] of fetched) media.set(url, result)
  return take(places, media)
}

function take(
  places: readonly MediaPlace[],
  media: ReadonlyMap<string, MediaResult>,
): ReadonlyMap<string, FetchedMedia> {
  const taken = new Map<string, FetchedMedia>()
  for (const { kind, url, path } of places) {
    const result = media.get(url)
    if (result?.ok === true) taken.set(url, result.media)
    else if (kind === 'image') throw missing(path, result?.reason ?? 'it could not be fetched')
  }
  return taken
}

function missing(path: string, reason: string): ConversionError {
  const message = `${path}: the picture at this address cannot be sent to this upstream: ${reason}`
  return new ConversionError('unsupported_feature', message, { param: path })
}
