// Serves it: TLS 1.3, a client certificate where the client has one.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { plans } from './server.js'

const file = (name) => readFileSync(process.env[name])
const tls = { cert: file('CERTIFICATE'), key: file('KEY'), ca: file('CLIENT_CA'), minVersion: 'TLSv1.3' }
const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, answer) => {
  // A certificate of another authority is none; whether one is needed is the token's business.
  if (!request.socket.authorized && request.socket.getPeerCertificate().raw) request.socket.destroy()
  else plans(request, answer)
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
