import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/**
 * Headers on everything under the panel's and the admin API's paths: only our own files run, nobody frames us, no
 * address leaks to other sites.
 *
 * @remarks No `Strict-Transport-Security`: whether this host always has https is for the operator to say.
 */
export function browserHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      objectSrc: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: false,
    xXssProtection: false,
  })
}
