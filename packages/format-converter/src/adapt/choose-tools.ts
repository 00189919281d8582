import type { ChatRequest, FunctionTool, Parameter, ToolChoice } from '../model/chat-request.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { withoutParameter, withParameter } from './parameters.ts'
import { NO_ARGUMENTS } from './sanitize-schema.ts'

/** Brings tools and the choices about them into agreement. */
export function chooseTools(request: ChatRequest, context: AdaptContext): ChatRequest {
  const filtered = isMessagesTarget(context) ? filterAllowed(request, context) : request
  const declared = declareFromHistory(filtered, context)
  const chosen = declared.tools.length === 0 ? dropChoices(declared, context) : declared
  return limitParallelCalls(limitForce(chosen, context), context)
}

/** Some servers cannot be made to call a tool: then the model may choose. */
function limitForce(request: ChatRequest, { profile, report }: AdaptContext): ChatRequest {
  const choice = request.parameters.toolChoice
  const { forcedTools } = profile.dialect
  if (choice === undefined || forcedTools === 'any' || !isForced(choice.value, forcedTools)) return request
  const message = 'the upstream cannot be made to call a tool; the model may choose'
  report({ code: 'param_unsupported', level: 'degraded', path: choice.path, message })
  return withParameter(request, 'toolChoice', { ...choice, value: { type: 'auto' } })
}

function isForced(choice: ToolChoice, accepted: 'named' | 'none'): boolean {
  if (choice.type === 'tool') return accepted === 'none'
  return choice.type === 'required' || (choice.type === 'allowed' && choice.mode === 'required')
}

/** Messages has no subset of tools: the others leave the request, which costs only the cached prefix. */
function filterAllowed(request: ChatRequest, { report }: AdaptContext): ChatRequest {
  const choice = request.parameters.toolChoice
  if (choice?.value.type !== 'allowed') return request
  const { names, mode } = choice.value
  report({ code: 'tool_bridged', level: 'info', path: choice.path, message: 'only the allowed tools are sent' })
  const allowed = new Set(names)
  const tools = request.tools.filter((tool) => allowed.has(tool.name))
  const value: ToolChoice = { type: mode === 'required' ? 'required' : 'auto' }
  return withParameter({ ...request, tools }, 'toolChoice', { ...choice, value })
}

/** Some backends refuse earlier calls of tools that the request does not declare. */
function declareFromHistory(request: ChatRequest, { profile, report }: AdaptContext): ChatRequest {
  if (!profile.dialect.toolsRequiredWithHistory || request.tools.length > 0) return request
  const tools = new Map<string, FunctionTool>()
  for (const turn of request.turns) {
    for (const part of turn.parts) {
      if (part.type !== 'tool-call' || tools.has(part.name)) continue
      tools.set(part.name, { type: 'function', name: part.name, parameters: NO_ARGUMENTS, path: part.path })
      report({
        code: 'tool_bridged',
        level: 'repaired',
        path: part.path,
        message: 'the upstream wants every called tool declared',
      })
    }
  }
  return tools.size === 0 ? request : { ...request, tools: [...tools.values()] }
}

function dropChoices(request: ChatRequest, { report }: AdaptContext): ChatRequest {
  const choice = request.parameters.toolChoice
  // Without tools, "auto" and "none" say what happens anyway.
  if (choice !== undefined) {
    const level = choice.value.type === 'auto' || choice.value.type === 'none' ? 'info' : 'repaired'
    report({ code: 'param_unsupported', level, path: choice.path, message: 'a tool choice without tools was removed' })
  }
  reportIdleParallel(request.parameters.parallelToolCalls, report)
  return withoutParameter(withoutParameter(request, 'toolChoice'), 'parallelToolCalls')
}

function reportIdleParallel(parallel: Parameter<boolean> | undefined, report: AdaptContext['report']): void {
  if (parallel === undefined) return
  report({
    code: 'param_unsupported',
    level: 'info',
    path: parallel.path,
    message: 'a rule for parallel tool calls without tools was removed',
  })
}

function limitParallelCalls(request: ChatRequest, context: AdaptContext): ChatRequest {
  const parallel = request.parameters.parallelToolCalls
  if (parallel === undefined) return request
  const isIdle = isMessagesTarget(context) && request.parameters.toolChoice?.value.type === 'none'
  if (isIdle) {
    reportIdleParallel(parallel, context.report)
    return withoutParameter(request, 'parallelToolCalls')
  }
  if (context.profile.dialect.parallelToolCalls) return request
  const level = parallel.value ? 'info' : 'lossy'
  context.report({
    code: 'param_unsupported',
    level,
    path: parallel.path,
    message: 'the upstream has no rule for parallel tool calls',
  })
  return withoutParameter(request, 'parallelToolCalls')
}
