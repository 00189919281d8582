import type { RunClient } from './client-launch.ts'

/** Models that a client knows by itself, so that its own choice is the best one. */
const OWN_MODELS: Readonly<Record<RunClient, RegExp | undefined>> = {
  claude: /claude/i,
  codex: /^gpt-[5-9]/i,
  opencode: undefined,
}

/** Names of models that hold no conversations. */
const NO_CHAT = /embed|rerank|whisper|tts|speech|audio|image|dall-e|moderation|ocr|realtime|transcri|guard/i

/**
 * The model a client is started with where nobody named one.
 *
 * @param names - what the relay key can reach
 * @returns `undefined` to leave it to the client: it knows one of them itself, or there is none
 */
export function pickModel(client: RunClient, names: readonly string[]): string | undefined {
  const own = OWN_MODELS[client]
  if (own !== undefined && names.some((name) => own.test(name))) return undefined
  return names.find((name) => !NO_CHAT.test(name))
}
