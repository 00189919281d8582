import type { ChatRequest, Parameter, Parameters, RequestParameters } from '../model/chat-request.ts'

/** The request with one parameter set, at the path it came from. */
export function withParameter<Name extends keyof RequestParameters>(
  request: ChatRequest,
  name: Name,
  parameter: Parameter<RequestParameters[Name]>,
): ChatRequest {
  return { ...request, parameters: { ...request.parameters, [name]: parameter } }
}

/** The request without one parameter. */
export function withoutParameter(request: ChatRequest, name: keyof RequestParameters): ChatRequest {
  if (request.parameters[name] === undefined) return request
  const entries = Object.entries(request.parameters).filter(([key]) => key !== name)
  return { ...request, parameters: Object.fromEntries(entries) as Parameters } // the same parameters but one
}
