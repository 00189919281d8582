/** Endpoints that pass to accounts which have them, without a word changed but the model's name. */
export const PASSAGE_PATHS: readonly string[] = [
  '/v1/embeddings',
  '/v1/rerank',
  '/v1/completions',
  '/v1/moderations',
  '/v1/images/generations',
  '/v1/images/edits',
  '/v1/images/variations',
  '/v1/audio/speech',
  '/v1/audio/transcriptions',
  '/v1/audio/translations',
]

/** What can be called and leaves a record. */
export const ENDPOINTS: readonly string[] = [
  '/v1/messages',
  '/v1/chat/completions',
  '/v1/responses',
  '/v1/responses/compact',
  ...PASSAGE_PATHS,
]
