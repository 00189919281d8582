/** In English: `errors`. */
export const errorsWords = {
  errors: {
    'not-signed-in': 'Your session has ended. Sign in again.',
    'password-change-required': 'Choose a new password first.',
    'sign-in-refused': 'The name or the password is wrong.',
    'too-many-attempts': 'Too many attempts. Wait a moment, then try again.',
    'cross-site-request': 'The browser did not prove that this page sent the request. Reload the page.',
    'invalid-request': 'The server did not accept this input.',
    'not-found': 'There is no such thing any more.',
    'method-not-allowed': 'The server does not know this action. Reload the page.',
    'body-too-large': 'That is too much text.',
    'store-unavailable': 'The store cannot be reached right now.',
    'internal-error': 'Something went wrong on the server. Its log has the details.',
    unreachable: 'The relay does not answer. Is it running?',
    'unreadable-answer': 'The answer did not come from this version of the relay. Reload the page.',
    waitFor: (duration: string): string => `Too many attempts. Try again in ${duration}.`,
    page: 'This page does not exist',
    toRequests: 'Go to the requests',
  },
}
