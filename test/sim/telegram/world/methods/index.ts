import type { Methods } from '../call.ts'
import { changeMethods } from './changes.ts'
import { channelMethods } from './channels.ts'
import { contactMethods } from './contacts.ts'
import { dialogMethods } from './dialogs.ts'
import { fileMethods } from './files.ts'
import { forwardMethods } from './forward.ts'
import { groupMethods } from './groups.ts'
import { historyMethods } from './history.ts'
import { inviteMethods } from './invites.ts'
import { markMethods } from './marks.ts'
import { participantMethods } from './participants.ts'
import { pollMethods } from './polls.ts'
import { reactionMethods } from './reactions.ts'
import { sendMethods } from './send.ts'
import { stickerMethods } from './stickers.ts'
import { topicMethods } from './topics.ts'
import { updateMethods } from './updates.ts'
import { userMethods } from './users.ts'

/** Every method that this world answers, by its name in the schema. */
export const METHODS: Methods = {
  ...updateMethods,
  ...sendMethods,
  ...forwardMethods,
  ...changeMethods,
  ...markMethods,
  ...historyMethods,
  ...dialogMethods,
  ...reactionMethods,
  ...pollMethods,
  ...groupMethods,
  ...channelMethods,
  ...participantMethods,
  ...inviteMethods,
  ...topicMethods,
  ...contactMethods,
  ...userMethods,
  ...fileMethods,
  ...stickerMethods,
}
