/** Limits of the real service, from `help.getConfig`, `help.getAppConfig` and the pages of core.telegram.org/api. */
export const LIMITS = {
  /** Code points. */
  text: 4096,
  caption: 1024,
  captionPremium: 4096,
  quote: 1024,
  album: 10,
  reactions: 1,
  reactionsPremium: 3,
  reactionsUnique: 11,
  pollAnswers: 12,
  pollQuestion: 300,
  pollAnswer: 100,
  pollPeriod: 2_628_000,
  title: 128,
  about: 255,
  firstName: 64,
  pinnedTopics: 5,
  customEmoji: 100,
  messagesPerCall: 200,
  uploadParts: 4000,
  uploadPartsPremium: 8000,
  uploadPart: 524_288,
} as const

/** Length as the limits count it: in code points. */
export const lengthOf = (text: string): number => Array.from(text).length
