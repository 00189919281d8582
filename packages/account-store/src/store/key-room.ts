/** The encryption key under which secrets are sealed. */
export interface KeyRoom {
  /**
   * Seals everything under another key, while all nodes go on: each knows the other key until it is started again, with
   * the new one. Can be interrupted at any point; calling it again, opened with either key, goes on.
   *
   * @returns once nothing is sealed under the old key any more, and the new one alone opens the data set
   * @throws StoreError `weak-secret`, `invalid-input` when the keys are the same or another rotation is under way
   */
  rotateEncryptionKey(rotation: KeyRotation): Promise<RotationOutcome>
}

/** Asks for another encryption key. */
export interface KeyRotation {
  readonly oldKey: string
  readonly newKey: string
  /** Told when the data set opens with either key, before anything is sealed anew: the moment to put the new one into a file. */
  readonly onBegun?: (() => void) | undefined
  /** Told now and then how many secrets were sealed anew. */
  readonly onProgress?: ((sealed: number) => void) | undefined
}

/** What a rotation did. */
export interface RotationOutcome {
  readonly sealed: number
  /** Secrets that neither key opens; they are left as they are. */
  readonly unreadable: number
}
