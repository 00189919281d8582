import type { AdminUser, AdminUserChange, AdminUserInput, LoginAnswer, LoginAttempt } from '../admin-user.ts'

/** Who may sign in. Passwords are kept as argon2id hashes only. */
export interface AdminRoom {
  /** @throws StoreError `invalid-input`, `name-taken` */
  createAdminUser(input: AdminUserInput): Promise<AdminUser>
  listAdminUsers(): Promise<readonly AdminUser[]>
  /** Counts the attempt before it looks, so that tries in parallel are counted too; a success clears the count of the name.
   * @throws StoreError `session-secret-missing` */
  checkLogin(attempt: LoginAttempt): Promise<LoginAnswer>
  /** Sets the password, clears `mustChangePassword` unless told otherwise, and ends all sessions of the user in the same step.
   * @throws StoreError `not-found`, `invalid-input` */
  setAdminPassword(change: PasswordChange): Promise<AdminUser>
  /** Changes the fields that are there and ends all sessions of the user in the same step.
   * @throws StoreError `not-found`, `invalid-input`, `last-admin` when nobody with the role `admin` would be left who can sign in */
  updateAdminUser(id: string, change: AdminUserChange): Promise<AdminUser>
  /** Removes the user with all sessions and tokens.
   * @throws StoreError `not-found`, `last-admin` */
  removeAdminUser(id: string): Promise<void>
}

/** A new password for an admin user. */
export interface PasswordChange {
  readonly userId: string
  /** At least 12, at most 256 characters. */
  readonly password: string
  /** For a password that was set by someone else; `false` unless said otherwise. */
  readonly mustChangePassword?: boolean | undefined
}
