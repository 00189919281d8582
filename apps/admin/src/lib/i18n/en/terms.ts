/** In English: `lossCount`, `lossLevels`, `reasons`, `formats`. */
export const termsWords = {
  lossCount: (count: number, formatted: string): string => (count === 1 ? '1 loss' : `${formatted} losses`),
  lossLevels: { info: 'note', repaired: 'repaired', degraded: 'degraded', lossy: 'lossy' },
  reasons: {
    completed: 'completed',
    client_closed: 'client left',
    upstream_error: 'upstream error',
    upstream_timeout: 'upstream timed out',
    rejected: 'rejected',
    shutdown: 'relay stopped',
    internal_error: 'internal error',
  },
  formats: {
    'anthropic-messages': 'Claude',
    'openai-chat': 'OpenAI Chat',
    'openai-responses': 'OpenAI Responses',
    gemini: 'Gemini',
  },
}
