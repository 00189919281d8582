import type { Format } from '../support/pairs.ts'

/** Members that may go without a word, because they say what is the case anyway or decide what is shown of the answer. */
const EVERYWHERE: readonly RegExp[] = [
  /\/type$/, // the kind of a thing shows in what becomes of it
  /\/role$/,
  /\/prompt_cache_breakpoint\/mode$/, // there is but one
  /^\/model$/, // the upstream's name of the model is given beside the request
  /^\/stream_options/, // decides what the client is shown of the answer
]

const BY_FORMAT: { readonly [Name in Format]: readonly RegExp[] } = {
  'anthropic-messages': [
    /\/is_error$/, // false is the default
    /\/media_type$/, // a text document has but one
    /\/citations\/enabled$/, // citations are reported where they are asked for
    /\/citations$/, // `{}` asks for none
    /^\/output_config$/, // `{}` asks for nothing
    /^\/thinking$/, // an effort alone says the same; the amount is looked at too
    /^\/thinking\/display$/, // decides what the client is shown of the answer
    /^\/tools\/\d+\/name$/, // a tool of Anthropic has but one name
    /\/caller(?:\/|$)/, // where a call came from
    /\/tool_name$/, // of a reference in a browser's result
  ],
  'openai-chat': [
    /^\/messages\/\d+\/tool_call_id$/, // without it the message is refused
    /\/json_schema\/name$/, // Messages does not name schemas
    /\/json_schema\/strict$/, // Messages is always strict
    /^\/messages\/\d+\/name$/, // a tool result repeats the name of its call
    /^\/response_format$/, // text is the default
    /\/custom\/format$/, // text is the default
  ],
  'openai-responses': [
    /\/id$/, // where an item comes from
    /\/status$/,
    /\/call_id$/, // without it the item is refused
    /\/caller(?:\/|$)/,
    /\/async$/,
    /\/logprobs(?:\/|$)/, // of an earlier answer
    /\/text\/format\/name$/, // Messages does not name schemas
    /\/text\/format\/strict$/, // Messages is always strict
    /^\/store$/, // nothing is kept unless it is true
    /\/content$/, // of reasoning, where the summary says the same
    /\/execution$/, // of a tool search: all tools are loaded
    /^\/input\/\d+\/(?:name|namespace)$/, // an output repeats the name of its call
    /^\/(?:reasoning|text|text\/format)$/, // `{}` asks for nothing, text is the default
    /\/tools\/\d+\/format$/, // text is the default
    /\/external_web_access$/, // true is the default
    /^\/include$/, // decides what the client is shown of the answer
  ],
}

/** True for a member that may go without a word. */
export function maySilentlyGo(format: Format, path: string): boolean {
  return [...EVERYWHERE, ...BY_FORMAT[format]].some((pattern) => pattern.test(path))
}

/** Members that are one wish with another one, whose loss speaks for both. */
const ONE_WISH: ReadonlyMap<string, string> = new Map([
  ['/output_config/effort', '/thinking'],
  ['/top_logprobs', '/logprobs'],
])

/** The place at which the loss of a member is told. */
export function toldAt(path: string): string {
  return ONE_WISH.get(path) ?? path
}
