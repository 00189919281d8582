/** The words by which Messages clients recognise a full context window and start to compact. */
const SENTENCE = 'prompt is too long'

/** A limit on the answer's length is the client's to correct; compacting would not help. */
const NOT_THE_PROMPT =
  /max_(?:completion_|output_)?tokens['"`]?(?: or ['"`]?max_\w+['"`]?)? (?:is )?too (?:large|high)|maximum (?:allowed )?number of output tokens/i

/** How vendors say that the prompt is too long, by what is common to their sentences. */
const PHRASES: readonly RegExp[] = [
  /prompt is too long/i, // Anthropic, Fireworks
  /maximum context length/i, // OpenAI, DeepSeek, vLLM, OpenRouter, Mistral
  /exceeds? (?:the |its |this model's )?(?:maximum |available |model )?context (?:window|length|size|limit)/i, // OpenAI, llama.cpp, Ollama, Anthropic
  /context (?:window|length) (?:exceeds?|exceeded|is full)/i, // MiniMax and proxies
  /input is too long/i, // Bedrock
  /input token count .{0,40}exceeds/i, // Gemini
  /maximum prompt length/i, // xAI
  /(?:longer than|greater than|exceeds) the (?:model's |maximum )?(?:context|model) length/i, // SGLang, LM Studio, vLLM
  /exceeds the maximum allowed (?:input )?length/i, // SGLang
  /prompt token count of \d+ exceeds/i,
  /exceeded model token limit|input token length too long/i, // Moonshot
  /prompt exceeds max length/i, // GLM
  /range of input length should be/i, // Qwen
  /reduce the length of (?:the |your )?(?:messages|prompt|input)/i, // Groq, Cerebras
  /too many tokens: .{0,60}prompt/i, // Cohere
  /tokens \+ .{0,30}max_new_tokens.{0,10} must be <=/i, // Text Generation Inference, Together
]

const NUMBER = String.raw`([\d,_]+)`

/** Where the numbers stand, tokens first. */
const TOKENS_THEN_LIMIT: readonly RegExp[] = [
  pattern(`prompt is too long: ${NUMBER} tokens > ${NUMBER}`),
  pattern(`prompt is too long: ${NUMBER},? .{0,30}maximum context length: ${NUMBER}`),
  pattern(String.raw`input token count \(?${NUMBER}\)? exceeds .{0,50}?\(?${NUMBER}\)?`),
  pattern(`prompt token count of ${NUMBER} exceeds the limit of ${NUMBER}`),
  pattern(`prompt contains ${NUMBER} tokens .{0,60}?with ${NUMBER} maximum context`),
  pattern(String.raw`length \(?${NUMBER}(?: tokens)?\)? (?:is longer than|exceeds) .{0,40}?\(?${NUMBER}`),
  pattern(String.raw`input \(${NUMBER} tokens\) is longer than .{0,40}?\(${NUMBER}`),
  pattern(`current length is ${NUMBER} while limit is ${NUMBER}`),
]

/** Where the numbers stand, limit first. */
const LIMIT_THEN_TOKENS: readonly RegExp[] = [
  pattern(
    `maximum (?:context|prompt) length (?:is|of) ${NUMBER}(?: tokens)?.{0,40}?(?:resulted in|requested(?: about| a total of)?|contains) ${NUMBER} tokens`,
  ),
  pattern(String.raw`exceeded model token limit: ${NUMBER} \(requested: ${NUMBER}\)`),
]

/** True when an upstream's text says that the prompt does not fit the model's context window. */
export function speaksOfContextOverflow(text: string): boolean {
  if (NOT_THE_PROMPT.test(text)) return false
  return PHRASES.some((phrase) => phrase.test(text))
}

/**
 * The message for a full context window. It starts with the sentence that Messages clients look for, with the token
 * counts when the upstream's text holds them, and keeps the upstream's own text, which clients of OpenAI formats read.
 */
export function contextOverflowMessage(text: string): string {
  if (text.toLowerCase().startsWith(SENTENCE)) {
    const rest = text.slice(SENTENCE.length)
    return TOKENS_THEN_LIMIT[0]?.test(text) === true ? SENTENCE + rest : withNumbers(text)
  }
  return withNumbers(text)
}

function withNumbers(text: string): string {
  const counts = readCounts(text)
  if (counts === undefined) return text.toLowerCase().startsWith(`${SENTENCE}:`) ? text : `${SENTENCE}: ${text}`
  return `${SENTENCE}: ${counts.tokens} tokens > ${counts.limit} maximum (upstream: ${text})`
}

interface Counts {
  readonly tokens: number
  readonly limit: number
}

/** Only numbers that make the sentence true are used; a pair the wrong way round was misread. */
function readCounts(text: string): Counts | undefined {
  for (const expression of TOKENS_THEN_LIMIT) {
    const match = expression.exec(text)
    if (match !== null) return plausible(match[1], match[2])
  }
  for (const expression of LIMIT_THEN_TOKENS) {
    const match = expression.exec(text)
    if (match !== null) return plausible(match[2], match[1])
  }
  return undefined
}

function plausible(tokens: string | undefined, limit: string | undefined): Counts | undefined {
  const counts = { tokens: digits(tokens), limit: digits(limit) }
  return counts.tokens > counts.limit && counts.limit > 0 ? counts : undefined
}

function digits(text: string | undefined): number {
  const value = Number((text ?? '').replaceAll(/[,_]/g, ''))
  return Number.isSafeInteger(value) ? value : 0
}

function pattern(source: string): RegExp {
  return new RegExp(source, 'i')
}
