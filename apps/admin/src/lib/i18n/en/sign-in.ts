/** In English: `signIn`, `newPassword`. */
export const signInWords = {
  signIn: {
    title: 'Sign in',
    lead: 'See what your relay does, and trust it.',
    name: 'Name',
    password: 'Password',
    submit: 'Sign in',
    firstTime: 'First time here? The relay printed a one-time password when it started.',
    signedOut: 'You are signed out.',
  },
  newPassword: {
    title: 'Choose your password',
    lead: 'The one-time password has done its work. Choose one that only you know.',
    current: 'One-time password',
    chosen: 'New password',
    repeated: 'New password, again',
    rule: (length: string): string => `At least ${length} characters. A few unrelated words work well.`,
    tooShort: (missing: string): string => `${missing} more to go`,
    longEnough: 'Long enough',
    different: 'The two passwords are not the same.',
    unchanged: 'Choose another password than the one-time password.',
    submit: 'Set password and continue',
    show: 'Show passwords',
  },
}
