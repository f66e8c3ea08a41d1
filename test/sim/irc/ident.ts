import net from 'node:net'

/** Asks an RFC 1413 server on loopback who holds a connection; nothing if it does not say. */
export function askIdentd(
  port: number,
  ports: { local: number; remote: number },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    // From the identd's point of view its own port, the one of the IRC client, comes first.
    const socket = net.connect(port, '127.0.0.1', () => socket.write(`${ports.remote} , ${ports.local}\r\n`))
    let answer = ''
    socket.unref()
    socket.setEncoding('latin1')
    socket.setTimeout(10_000, () => socket.destroy())
    socket.on('data', (chunk: string) => {
      answer += chunk
      if (answer.includes('\n')) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(/:\s*USERID\s*:[^:]*:\s*(.*?)\s*$/m.exec(answer)?.[1]))
  })
}
