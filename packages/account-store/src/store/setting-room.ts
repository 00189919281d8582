/** Small facts about the installation, such as "the demo was removed". Not for secrets. */
export interface SettingRoom {
  readSetting(name: string): Promise<string | undefined>
  /** `undefined` removes it.
   * @throws StoreError `invalid-input` for a name over 100 or a value over 65,536 characters */
  writeSetting(name: string, value: string | undefined): Promise<void>
}
