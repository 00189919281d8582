/** In English: `errors`. */
export const errorsWords = {
  errors: {
    'not-signed-in': 'Your session has ended. Sign in again.',
    'password-change-required': 'Choose a new password first.',
    'sign-in-refused': 'The name or the password is wrong.',
    'too-many-attempts': 'Too many attempts. Wait a moment, then try again.',
    'cross-site-request': 'The browser did not prove that this page sent the request. Reload the page.',
    forbidden: 'Your role does not allow this.',
    'name-taken': 'Something else already has this name.',
    'credential-required': 'The address changes, so the key has to be entered again.',
    'managed-by-config': 'This comes from the configuration file and can only be changed there.',
    'last-admin': 'Without this admin nobody could rule over the others.',
    busy: 'Other work of this kind is under way. Try again later.',
    conflict: 'Somebody else has saved this meanwhile. Load it again.',
    'invalid-request': 'The server did not accept this input.',
    'not-found': 'There is no such thing any more.',
    'method-not-allowed': 'The server does not know this action. Reload the page.',
    'body-too-large': 'That is too large.',
    'store-unavailable': 'The store cannot be reached right now.',
    'internal-error': 'Something went wrong on the server. Its log has the details.',
    unreachable: 'The relay does not answer. Is it running?',
    'too-slow': 'The relay has not answered in time. What was asked of it may be done all the same.',
    'unreadable-answer': 'The answer did not come from this version of the relay. Reload the page.',
    'work-failed': 'It was not done.',
    waitFor: (duration: string): string => `Too many attempts. Try again in ${duration}.`,
    ofField: (field: string, rule: string): string => `${field} ${rule}.`,
    between: (min: string, max: string): string => `${min} to ${max}`,
    atLeast: (min: string): string => `${min} or more`,
    atMost: (max: string): string => `at most ${max}`,
    rules: {
      length: (bounds: string, _value: string): string => `must have ${bounds} characters`,
      range: (bounds: string, _value: string): string => `must be ${bounds}`,
      'whole-number': (_bounds: string, _value: string): string => 'must be a whole number',
      'no-edge-space': (_bounds: string, _value: string): string => 'has white space at its start or end',
      printable: (_bounds: string, _value: string): string => 'holds a control character',
      'web-url': (_bounds: string, _value: string): string =>
        'must be an absolute URL with http:// or https://, without user name, password and fragment',
      'proxy-url': (_bounds: string, _value: string): string =>
        'must be a URL with http://, https:// or socks5:// and a host, without path, query and fragment',
      'time-zone': (_bounds: string, value: string): string =>
        `is ${value}, which is not the IANA name of a time zone such as Europe/Berlin or UTC`,
      'time-of-day': (_bounds: string, value: string): string =>
        `is ${value}, which is not a time of day from 00:00 to 23:59`,
      network: (_bounds: string, value: string): string =>
        `holds ${value}, which is no address and no network such as 10.0.0.0/8`,
    },
    page: 'This page does not exist',
    toRequests: 'Go to the requests',
  },
}
