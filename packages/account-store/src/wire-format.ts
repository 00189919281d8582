/**
 * A wire format by its full name, as clients and upstreams speak it.
 *
 * @remarks Accounts' settings use the shorter {@link AccountApiFormat} instead: that is what operators choose from.
 */
export type WireFormat = 'anthropic-messages' | 'openai-chat' | 'openai-responses' | 'gemini'
