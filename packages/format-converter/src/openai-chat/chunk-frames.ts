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
  delta(delta: JsonObject): string
  textWithLogprobs(text: string, logprobs: JsonValue): string
  finish(reason: string): string
  /** The chunk without choices that holds the usage. */
  usage(usage: JsonObject): string
}

/** Id, model and time are the same in all chunks; with `include_usage` all but the last say `"usage": null`. */
export function createChunkFrames(context: EncodeAnswerContext): ChunkFrames {
  const { id, createdSeconds: created, model, wantsStreamUsage } = context
  const envelope = JSON.stringify({ id: ID_PREFIX + id, object: CHUNK_OBJECT, created, model })
  const start = `data: ${envelope.slice(0, -1)},"choices":[`
  const head = `${start}{"index":0,"delta":`
  const end = `]${wantsStreamUsage ? ',"usage":null' : ''}}\n\n`
  const open = `,"logprobs":null,"finish_reason":null}${end}`
  return {
    head,
    textHead: `${head}{"content":`,
    refusalHead: `${head}{"refusal":`,
    tail: `}${open}`,
    delta: (delta) => head + JSON.stringify(delta) + open,
    textWithLogprobs: (text, content) =>
      `${head}${JSON.stringify({ content: text })},"logprobs":${JSON.stringify({ content, refusal: null })},"finish_reason":null}${end}`,
    finish: (reason) => `${head}{},"logprobs":null,"finish_reason":"${reason}"}${end}`,
    usage: (usage) => `${start}],"usage":${JSON.stringify(usage)}}\n\n`,
  }
}
