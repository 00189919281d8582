const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** Who is asked, who asks, how the body is framed and where the connection goes: not for rules. */
const CLOSED =
  /auth|cookie|credential|secret|token|password|api-?key|signature|^host$|^content-|^proxy|^connection$|^keep-alive$|^transfer-encoding$|^te$|^trailer$|^upgrade$|^expect$|^accept-encoding$|^forwarded$|^x-forwarded|^x-real-ip$|^via$|^x-relay-/

/** Why a rule may not touch a header; `undefined` when it may. @param name - lower case */
export function headerTrouble(name: string): string | undefined {
  if (!TOKEN.test(name)) return `${JSON.stringify(name)} is not a header name`
  return CLOSED.test(name)
    ? `the header ${name} carries a credential or steers the connection; Relay sets it`
    : undefined
}
