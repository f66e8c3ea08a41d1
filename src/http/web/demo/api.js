const token = document.querySelector('meta[name="viaduct-token"]').content

/** Does something on the server. Faults are told to the person; @returns whether it went well */
export async function post(name, body) {
  return request(`/api/${name}`, { 'content-type': 'application/json' }, JSON.stringify(body))
}

/** Sends a file from a side: `fields` are `to`, `who`, `name` and `caption`. */
export async function upload(side, file, fields) {
  const query = new URLSearchParams(fields)
  return request(
    `/api/${side}/attach?${query}`,
    { 'content-type': file.type || 'application/octet-stream' },
    file,
  )
}

async function request(path, headers, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { ...headers, 'x-viaduct-token': token },
      body,
    })
    if (response.ok) return true
    const { error } = await response.json()
    toast(error)
  } catch {
    toast('The demo does not answer: has it been ended in the terminal?')
  }
  return false
}

let hiding

/** Tells the person something for a few seconds. */
export function toast(text) {
  const box = document.getElementById('toast')
  box.textContent = text
  box.hidden = false
  clearTimeout(hiding)
  hiding = setTimeout(() => {
    box.hidden = true
  }, 6_000)
}

/** Listens to the server: `take` gets each part of the state when it is new, `connection` whether there is one. */
export function listen(take, connection) {
  const source = new EventSource('/api/events')
  source.addEventListener('open', () => connection(true))
  source.addEventListener('error', () => connection(false))
  source.addEventListener('message', ({ data }) => {
    const { part, value } = JSON.parse(data)
    take(part, value)
  })
}
