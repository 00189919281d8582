import type { ChatRequest, Tool } from '../model/chat-request.ts'
import type { ContentPart, MediaSource } from '../model/content-part.ts'
import { readImageSize } from './image-size.ts'

const PER_TURN = 4
const PER_TOOL = 12
/** What an image costs at most, and when its size cannot be read. */
const IMAGE_TOKENS = 1_600
const PIXELS_PER_TOKEN = 750
const PDF_BYTES_PER_TOKEN = 50
const PDF_TOKENS = 100_000
const SCHEMA_CHARACTERS_PER_TOKEN = 3.5

/** Parts may hold parts; deeper ones are not counted. */
const MAX_DEPTH = 8

/**
 * Roughly how many input tokens a request has, without any tokenizer's data: its texts (see {@link estimateTextTokens}), and
 * a flat sum for what surrounds them. For clients that ask an upstream which cannot count; never used for billing.
 */
export function estimateTokens(request: ChatRequest): number {
  let total = 0
  for (const tool of request.tools) total += PER_TOOL + toolTokens(tool)
  for (const turn of request.turns) total += PER_TURN + partsTokens(turn.parts, MAX_DEPTH)
  return Math.ceil(total)
}

/**
 * Tokens of a text: letters and spaces by four, digits by two, other signs of ASCII by three, ideographs by one, letters of
 * other scripts by two.
 *
 * @remarks Calibrated against OpenAI's `o200k_base`: prose, code and JSON come out between 10 % below and 35 % above it.
 * It leans upwards because the tokenizers of other vendors give more tokens for the same text.
 */
export function estimateTextTokens(text: string): number {
  return Math.ceil(textWeight(text))
}

/** So much of a piece is looked at; a longer one is taken to go on as it began. */
const MAX_WEIGHED = 64 * 1024

/**
 * The same of a piece of a text, with its fraction: pieces add up to what the whole has. Millions of characters at once do
 * not hold up others.
 */
export function pieceWeight(text: string): number {
  return text.length <= MAX_WEIGHED
    ? textWeight(text)
    : (textWeight(text.slice(0, MAX_WEIGHED)) * text.length) / MAX_WEIGHED
}

function textWeight(text: string): number {
  let letters = 0
  let digits = 0
  let signs = 0
  let ideographs = 0
  let others = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (isLetterOrSpace(unit)) letters += 1
    else if (isDigit(unit)) digits += 1
    else if (unit < 0x80) signs += 1
    else if (isIdeograph(unit)) ideographs += 1
    else if (!isLowSurrogate(unit)) others += 1
  }
  return letters / 4 + signs / 3 + (digits + others) / 2 + ideographs
}

/** ASCII only. Case is one bit; everything up to the space is space. */
function isLetterOrSpace(unit: number): boolean {
  const lower = unit | 0x20
  return unit <= 0x20 || (unit < 0x80 && lower >= 0x61 && lower <= 0x7a)
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39
}

/** Chinese, Japanese and Korean: about one token each. Rare ideographs are told by the first half of their pair. */
function isIdeograph(unit: number): boolean {
  return (
    (unit >= 0x30_40 && unit <= 0x9f_ff) ||
    (unit >= 0xac_00 && unit <= 0xd7_a3) ||
    (unit >= 0xf9_00 && unit <= 0xfa_ff) ||
    (unit >= 0xd8_40 && unit <= 0xd8_bf)
  )
}

/** The second half of a pair counts with the first. */
function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc_00 && unit <= 0xdf_ff
}

function toolTokens(tool: Tool): number {
  if (tool.type === 'server') return 0
  const texts = estimateTextTokens(tool.name) + estimateTextTokens(tool.description ?? '')
  if (tool.type === 'custom') return texts + estimateTextTokens(tool.grammar?.definition ?? '')
  return texts + JSON.stringify(tool.parameters ?? {}).length / SCHEMA_CHARACTERS_PER_TOKEN
}

function partsTokens(parts: readonly ContentPart[], depth: number): number {
  if (depth === 0) return 0
  return parts.reduce((total, part) => total + partTokens(part, depth), 0)
}

function partTokens(part: ContentPart, depth: number): number {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return estimateTextTokens(part.text)
    case 'tool-call':
      return estimateTextTokens(part.name) + estimateTextTokens(part.arguments)
    case 'tool-result':
      return partsTokens(part.parts, depth - 1)
    case 'image':
      return imageTokens(part.source)
    case 'document':
      return documentTokens(part.source, depth)
    case 'compaction':
    case 'server-tool':
      return estimateTextTokens(part.text ?? '')
    case 'audio':
    case 'opaque':
      return 0 // nothing is known of what they cost
  }
}

function imageTokens(source: MediaSource): number {
  const size = source.type === 'base64' ? readImageSize(source.data) : undefined
  return size === undefined
    ? IMAGE_TOKENS
    : Math.min(IMAGE_TOKENS, Math.ceil((size.width * size.height) / PIXELS_PER_TOKEN))
}

function documentTokens(source: (ContentPart & { type: 'document' })['source'], depth: number): number {
  switch (source.type) {
    case 'text':
      return estimateTextTokens(source.text)
    case 'parts':
      return partsTokens(source.parts, depth - 1)
    case 'base64':
      return Math.min(PDF_TOKENS, Math.ceil((source.data.length * 3) / 4 / PDF_BYTES_PER_TOKEN))
    case 'url':
    case 'file':
      return 0 // its size is not known here
  }
}
