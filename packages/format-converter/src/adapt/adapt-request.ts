import type { ChatRequest } from '../model/chat-request.ts'
import type { AdaptContext, AdaptStep } from './adapt-context.ts'
import { adaptOutputFormat } from './adapt-output-format.ts'
import { adaptReasoning } from './adapt-reasoning.ts'
import { adaptSampling } from './adapt-sampling.ts'
import { adaptService } from './adapt-service.ts'
import { adaptTools } from './adapt-tools.ts'
import { carryReasoning } from './carry-reasoning.ts'
import { carryVendorMembers } from './carry-vendor-members.ts'
import { checkMedia } from './check-media.ts'
import { chooseTools } from './choose-tools.ts'
import { closeConversation } from './close-conversation.ts'
import { cutCompactedHistory } from './cut-compacted-history.ts'
import { documentsToText } from './documents-to-text.ts'
import { dropDeferredTools } from './drop-deferred-tools.ts'
import { dropTrailingReasoning } from './drop-trailing-reasoning.ts'
import { limitOutput } from './limit-output.ts'
import { markCache } from './mark-cache.ts'
import { mergeTurns } from './merge-turns.ts'
import { orderAssistantParts } from './order-assistant-parts.ts'
import { pairToolResults } from './pair-tool-results.ts'
import { attachResultMedia, moveMediaToUser } from './place-media.ts'
import { placeOperators } from './place-operators.ts'
import { refuseFeatures } from './refuse-features.ts'
import { renameTools } from './rename-tools.ts'
import { replaceForeignParts } from './replace-foreign-parts.ts'
import { placeServerTools } from './server-tools.ts'
import { planToolNames, type ToolNames } from './tool-names.ts'

/** What the target can carry, and where it stands. */
const CONTENT_STEPS: readonly AdaptStep[] = [
  refuseFeatures,
  cutCompactedHistory,
  dropDeferredTools,
  carryVendorMembers,
  replaceForeignParts,
  carryReasoning,
  checkMedia,
  documentsToText,
  moveMediaToUser,
  mergeTurns,
  dropTrailingReasoning,
  placeOperators,
  mergeTurns,
  orderAssistantParts,
  pairToolResults,
  placeServerTools,
]

/** What needs the tools under their final names. */
const TARGET_STEPS: readonly AdaptStep[] = [
  attachResultMedia,
  closeConversation,
  adaptTools,
  chooseTools,
  limitOutput,
  adaptReasoning,
  adaptSampling,
  adaptOutputFormat,
  adaptService,
  markCache,
]

/** A request that is legal for its target. */
export interface AdaptedRequest {
  readonly request: ChatRequest
  readonly toolNames: ToolNames
}

/**
 * Makes a request legal for its target and reports every change.
 *
 * @throws ConversionError for what cannot be carried without changing the shape or the truth of the answer
 */
export function adaptRequest(request: ChatRequest, context: AdaptContext): AdaptedRequest {
  const carried = runSteps(CONTENT_STEPS, request, context)
  const toolNames = planToolNames(carried, context)
  const renamed = renameTools(carried, toolNames, context)
  return { request: runSteps(TARGET_STEPS, renamed, context), toolNames }
}

function runSteps(steps: readonly AdaptStep[], request: ChatRequest, context: AdaptContext): ChatRequest {
  let adapted = request
  for (const step of steps) adapted = step(adapted, context)
  return adapted
}
