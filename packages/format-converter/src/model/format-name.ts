/**
 * The wire formats that Relay knows by name.
 *
 * The names are binding: they appear in seals, rules, usage records and headers.
 * `gemini` is reserved; no codec is shipped for it yet.
 */
export type FormatName = 'anthropic-messages' | 'openai-chat' | 'openai-responses' | 'gemini'
