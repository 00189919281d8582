import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { withoutParameter, withParameter } from './parameters.ts'

/**
 * Refuses what would change the shape or the truth of the answer if it were left out.
 *
 * @throws ConversionError `unsupported_feature`, with the place in the client's body
 */
export function refuseFeatures(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (request.format === context.profile.format) return request
  refuseState(request)
  refuseThread(request)
  const warmed = placePrewarm(request, context)
  return isMessagesTarget(context) ? refuseForMessages(warmed) : warmed
}

/** State that only the upstream which made it has. */
function refuseState(request: ChatRequest): void {
  const { previousResponseId, conversation, background } = request.parameters
  const state = previousResponseId ?? conversation
  if (state !== undefined)
    throw unsupported(
      state.path,
      'earlier responses cannot be looked up here; send the whole conversation (state_unsupported)',
    )
  if (background?.value === true) throw unsupported(background.path, 'answers in the background are not supported')
}

/** The code tells Anthropic's tool runner to repeat the turn without a thread. */
function refuseThread(request: ChatRequest): void {
  const thread = request.vendorFields.find((field) => field.name === 'thread')
  if (thread === undefined) return
  throw new ConversionError(
    'unsupported_feature',
    'message threads are not supported by this upstream; send the whole conversation',
    {
      param: thread.path,
      details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
    },
  )
}

/** Anthropic warms a cache by asking for no token. */
function placePrewarm(request: ChatRequest, { profile }: AdaptContext): ChatRequest {
  const limit = request.parameters.maxOutputTokens
  if (request.format !== 'anthropic-messages' || limit?.value !== 0) return request
  if (profile.format === 'openai-responses' && profile.dialect.prewarm) {
    const bare = withoutParameter(request, 'maxOutputTokens')
    return withParameter(bare, 'cacheOptions', { value: { prewarm: true }, path: limit.path })
  }
  throw unsupported(
    limit.path,
    'max_tokens 0 only warms a prompt cache, which this upstream cannot do; ask for at least 1 token (prewarm_unsupported)',
  )
}

function refuseForMessages(request: ChatRequest): ChatRequest {
  const { choices, modalities, audioOutput } = request.parameters
  if (choices !== undefined && choices.value > 1) {
    throw unsupported(
      choices.path,
      `n is ${choices.value}, but this upstream gives one answer; send n: 1 or several requests (n_unsupported)`,
    )
  }
  const wantsAudio = modalities?.value.some((modality) => modality !== 'text') === true
  if (wantsAudio) throw unsupported(modalities.path, 'this upstream answers in text only')
  if (audioOutput !== undefined) throw unsupported(audioOutput.path, 'this upstream has no audio output')
  return withoutParameter(withoutParameter(request, 'choices'), 'modalities')
}

function unsupported(param: string, reason: string): ConversionError {
  return new ConversionError('unsupported_feature', `${param}: ${reason}`, { param })
}
