import type { EncodeAnswerContext } from '../codec.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { CHUNK_OBJECT, ID_PREFIX } from './wire.ts'

/**
 * The frames of one stream. All that is constant is ready-made text, so that the hot deltas cost one `JSON.stringify`
 * of a string and a concatenation.
 */
export interface ChunkFrames {
  /** A frame up to the value of `delta`. */
  readonly head: string
  /** A frame up to the string that is the value of `delta.content`. */
  readonly textHead: string
  /** A frame up to the string that is the value of `delta.refusal`. */
  readonly refusalHead: string
  /** The end of a frame, after the last member of `delta`. */
  readonly tail: string
  /** Chunks so far, the end of the stream among them. */
  count(): number
  /** A chunk of which all but one string is ready-made: almost all of a stream. */
  piece(prefix: string, text: string, suffix: string): string
  delta(delta: JsonObject): string
  textWithLogprobs(text: string, logprobs: JsonValue): string
  /** @param served - top-level members that say how the answer was served */
  finish(reason: string, served: ServedMembers): string
  /** The chunk without choices that holds the usage. */
  usage(usage: JsonObject, served: ServedMembers): string
  /** A frame that is text already. */
  ready(text: string): string
}

/** Members of an answer that are known only when it ends. */
export interface ServedMembers {
  readonly service_tier?: string | undefined
  readonly system_fingerprint?: string | undefined
}

/** Id, model and time are the same in all chunks; with `include_usage` all but the last say `"usage": null`. */
export function createChunkFrames(context: EncodeAnswerContext): ChunkFrames {
  const { id, createdSeconds: created, model, wantsStreamUsage } = context
  const envelope = JSON.stringify({ id: ID_PREFIX + id, object: CHUNK_OBJECT, created, model })
  const start = `data: ${envelope.slice(0, -1)},"choices":[`
  const startOf = (served: ServedMembers): string => {
    const members = JSON.stringify(served)
    return members === '{}' ? start : `data: ${envelope.slice(0, -1)},${members.slice(1, -1)},"choices":[`
  }
  const head = `${start}{"index":0,"delta":`
  const end = `]${wantsStreamUsage ? ',"usage":null' : ''}}\n\n`
  const open = `,"logprobs":null,"finish_reason":null}${end}`
  let count = 0
  const ready = (text: string): string => {
    count += 1
    return text
  }
  return {
    head,
    textHead: `${head}{"content":`,
    refusalHead: `${head}{"refusal":`,
    tail: `}${open}`,
    piece: (prefix, text, suffix) => {
      count += 1
      return prefix + JSON.stringify(text) + suffix
    },
    delta: (delta) => ready(head + JSON.stringify(delta) + open),
    textWithLogprobs: (text, content) =>
      ready(
        `${head}${JSON.stringify({ content: text })},"logprobs":${JSON.stringify({ content, refusal: null })},"finish_reason":null}${end}`,
      ),
    finish: (reason, served) =>
      ready(`${startOf(served)}{"index":0,"delta":{},"logprobs":null,"finish_reason":"${reason}"}${end}`),
    usage: (usage, served) => ready(`${startOf(served)}],"usage":${JSON.stringify(usage)}}\n\n`),
    ready,
    count: () => count,
  }
}
