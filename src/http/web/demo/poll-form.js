import { toast } from './api.js'

const dialog = document.getElementById('poll')
let send

/** Asks for a poll; `sendPoll({ question, options })` answers whether it went out. `note` says what becomes of it. */
export function askForPoll(note, sendPoll) {
  send = sendPoll
  document.getElementById('poll-note').textContent = note
  dialog.showModal()
}

async function submit() {
  const { question, options } = dialog.querySelector('form').elements
  const answers = options.value.split('\n').filter((text) => text.trim() !== '')
  if (question.value.trim() === '' || answers.length < 2) {
    toast('A poll needs a question and two answers.')
    return
  }
  if (await send({ question: question.value, options: answers })) dialog.close()
}

document.getElementById('poll-cancel').addEventListener('click', () => dialog.close())
document.getElementById('poll-send').addEventListener('click', () => void submit())
